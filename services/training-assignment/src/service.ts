/** training-assignment: who needs training and why, and each case from there until the training was shown to help. */
import { type CloudEvent, UNASSIGNED_AGENT } from '@coachloop/contracts';
import { aggregate, type Router } from '@coachloop/runtime';
import { defineService } from '@coachloop/service-kit';
import { caseRoutes } from './api/cases.ts';
import { eventRoutes } from './api/events.ts';
import { learnerRoutes } from './api/learners.ts';
import { reportRoutes } from './api/reports.ts';
import { type CaseState, digestOf, unknownCase } from './domain/case.ts';
import { caseIdOfAssignment, handleCase, strayCaseId } from './domain/cases.ts';
import { type Learner, newLearner } from './domain/learner.ts';
import { handleLearner } from './domain/learners.ts';
import type { Catalogue, Policy } from './domain/policy.ts';
import type { Rules } from './domain/triggers.ts';
import { readCatalogue, readPolicy } from './policy.ts';

const toLearner: Router = (event) => [{ collection: 'learners', id: (event.data as { agentId: string }).agentId }];
/** Of a call that nobody had, nothing was kept. */
const toFormerLearner: Router = (event, origin) => toLearner(event, origin).filter(({ id }) => id !== UNASSIGNED_AGENT);
const toCase: Router = (event) => [{ collection: 'cases', id: (event.data as { caseId: string }).caseId }];
const toCaseOfAssignment: Router = (event) => [{ collection: 'cases', id: caseIdOfReport(event) }];

export const caseIdOfReport = (event: Pick<CloudEvent, 'data' | 'source' | 'id'>): string =>
  caseIdOfAssignment((event.data as { assignmentId?: string }).assignmentId ?? '') ??
  strayCaseId(event.source, event.id);

export interface TrainingAssignmentOptions {
  /** Default: `policies/default.v2.yaml`; another file is read by `readPolicy(file)`. */
  readonly policy?: Policy;
  /** Default: `catalogue/default.v1.yaml`; another file is read by `readCatalogue(file)`. */
  readonly catalogue?: Catalogue;
}

export function trainingAssignment(options: TrainingAssignmentOptions = {}) {
  const rules: Rules = { policy: options.policy ?? readPolicy(), catalogue: options.catalogue ?? readCatalogue() };
  return defineService({
    definition: {
      name: 'training-assignment',
      aggregates: [
        aggregate<Learner>({ collection: 'learners', schema: 1, initial: newLearner, handle: handleLearner(rules) }),
        aggregate<CaseState>({
          collection: 'cases',
          schema: 1,
          oneMatter: true,
          indexes: [
            { name: 'by-opened-at', fields: ['state.openedAt'] },
            { name: 'by-agent', fields: ['state.agentId', 'state.openedAt'] },
            { name: 'by-stage', fields: ['state.stage', 'state.openedAt'] },
            { name: 'by-competency', fields: ['state.competency', 'state.openedAt'] },
            { name: 'by-open', fields: ['state.open', 'state.openedAt'] },
            { name: 'by-moved-at', fields: ['state.movedAt'] },
          ],
          initial: unknownCase,
          handle: handleCase(rules),
          digest: digestOf,
        }),
      ],
      consumes: {
        'qa-events': {
          'qa.evaluation.completed': toLearner,
          'qa.evaluation.revised': toLearner,
          'qa.evaluation.withdrawn': toFormerLearner,
        },
        'training-events': {
          'training.case.opened': toCase,
          'training.case.cause.withdrawn': toCase,
          'training.completed': toLearner,
          'training.case.closed': toLearner,
        },
        'evaluation-events': { 'evaluation.window.opened': toCase, 'evaluation.completed': toCase },
        'training-intake': {
          'training.start.reported': toCaseOfAssignment,
          'training.completion.reported': toCaseOfAssignment,
        },
      },
      emits: ['training-events'],
    },
    routes: async (app, service) => {
      await eventRoutes(app, service);
      caseRoutes(app, service);
      reportRoutes(app, service);
      learnerRoutes(app, service, rules);
    },
  });
}

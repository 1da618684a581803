/** evaluation: did the training help? Compares an agent's calls before a training with the next ones after it. */
import { UNASSIGNED_AGENT } from '@coachloop/contracts';
import { aggregate, type Router } from '@coachloop/runtime';
import { defineService } from '@coachloop/service-kit';
import { evaluationRoutes } from './api/routes.ts';
import { type EffectShare, handleEffect, newShare, shareIdOf } from './domain/effects.ts';
import type { Policy } from './domain/policy.ts';
import { type AgentReview, newReview } from './domain/review.ts';
import { handleReview } from './domain/reviews.ts';
import { handleWindow, newWindow, type WindowRecord } from './domain/windows.ts';
import { readPolicy } from './policy.ts';

/** Nobody is trained for a call that has no agent, so nothing is kept of it. */
const toReview: Router = (event) => {
  const { agentId } = event.data as { agentId: string };
  return agentId === UNASSIGNED_AGENT ? [] : [{ collection: 'agent-reviews', id: agentId }];
};
const toWindow: Router = (event) => [
  { collection: 'windows', id: (event.data as { assignmentId: string }).assignmentId },
];
const toWindowAndEffect: Router = (event, origin) => [
  ...toWindow(event, origin),
  { collection: 'effects', id: shareIdOf((event.data as { competency: string }).competency, origin.partition) },
];

export interface EvaluationOptions {
  /** Default: `policies/default.v3.yaml`; another file is read by `readPolicy(file)`. */
  readonly policy?: Policy;
}

export function evaluation(options: EvaluationOptions = {}) {
  const policy = options.policy ?? readPolicy();
  return defineService({
    definition: {
      name: 'evaluation',
      aggregates: [
        aggregate<AgentReview>({
          collection: 'agent-reviews',
          schema: 1,
          initial: newReview,
          handle: handleReview(policy),
        }),
        aggregate<WindowRecord>({
          collection: 'windows',
          schema: 1,
          indexes: [{ name: 'by-case', fields: ['state.caseId', 'state.attempt'] }],
          initial: newWindow,
          handle: handleWindow,
        }),
        aggregate<EffectShare>({
          collection: 'effects',
          schema: 1,
          indexes: [{ name: 'by-competency', fields: ['state.competency'] }],
          initial: newShare,
          handle: handleEffect,
        }),
      ],
      consumes: {
        'qa-events': {
          'qa.evaluation.completed': toReview,
          'qa.evaluation.revised': toReview,
          'qa.evaluation.withdrawn': toReview,
        },
        'training-events': { 'training.completed': toReview },
        'evaluation-events': { 'evaluation.window.opened': toWindow, 'evaluation.completed': toWindowAndEffect },
      },
      emits: ['evaluation-events'],
    },
    routes: (app, service) => evaluationRoutes(app, service, policy),
  });
}

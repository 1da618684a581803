/** qa-scoring: every finished call becomes one evaluation, with evidence, by the form for its language and channel. */
import type { CloudEvent } from '@coachloop/contracts';
import { aggregate } from '@coachloop/runtime';
import type { CompiledForm } from '@coachloop/scorecard';
import { defineService, type Service } from '@coachloop/service-kit';
import { routes } from './api/routes.ts';
import {
  digestOf,
  type EvaluationState,
  evaluationIdOf,
  initialEvaluation,
  onCallRecord,
} from './domain/evaluation.ts';
import { loadForms } from './forms.ts';

const toEvaluation = (event: CloudEvent) => {
  const { callId } = event.data as { readonly callId: string };
  return [{ collection: 'evaluations', id: evaluationIdOf(callId) }];
};

export interface QaScoringOptions {
  /** Default: those of `forms/`; others are read by `loadForms(directory)`. */
  readonly forms?: readonly CompiledForm[];
}

export function qaScoring({ forms = loadForms() }: QaScoringOptions = {}): Service {
  return defineService({
    definition: {
      name: 'qa-scoring',
      aggregates: [
        aggregate<EvaluationState>({
          collection: 'evaluations',
          schema: 1,
          indexes: [
            { name: 'by-end', fields: ['state.endedAtMs'] },
            { name: 'by-agent', fields: ['state.agentId', 'state.endedAtMs'] },
            { name: 'by-passed', fields: ['state.passed', 'state.endedAtMs'] },
            { name: 'by-agent-passed', fields: ['state.agentId', 'state.passed', 'state.endedAtMs'] },
          ],
          initial: initialEvaluation,
          handle: (state, message) => onCallRecord(forms, state, message),
          digest: digestOf,
        }),
      ],
      consumes: { 'call-events': { 'call.completed': toEvaluation, 'call.revised': toEvaluation } },
      emits: ['qa-events'],
    },
    routes: routes(forms),
  });
}

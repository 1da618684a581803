/**
 * What becomes of a case when a call that led to it was another agent's, or not to be scored: a course that nobody has begun is
 * withdrawn, unless the other calls meet the rule without it. Once begun it goes on: time was spent, and the re-evaluation, without
 * that call among those before, says what it was good for.
 */
import type { TrainingEventData } from '@coachloop/contracts';
import type { Case } from './case.ts';
import { change, current, type Draft, end, type Step } from './case-draft.ts';
import { isoOf } from './time.ts';

export function causeWithdrawn(
  state: Case,
  { evaluationId }: TrainingEventData<'training.case.cause.withdrawn'>,
  step: Step,
): Draft {
  const known = state.withdrawnCauses ?? [];
  const isCause = state.trigger.calls.some((call) => call.evaluationId === evaluationId);
  if (!isCause || known.includes(evaluationId)) return { state, events: [] };
  const draft = change({ state, events: [] }, { withdrawnCauses: [...known, evaluationId] });
  return hasBegun(state) || isMetWithout(draft.state) ? draft : end(draft, 'withdrawn', isoOf(step.now), null, step);
}

function hasBegun(state: Case): boolean {
  const assignment = current(state);
  return state.stage !== 'assigned' || !assignment || assignment.attempt > 1 || assignment.reports.length > 0;
}

/** A rule that counts fails is met by those that stay; what a mean would be without one of its calls is left to the next call. */
function isMetWithout({ trigger, withdrawnCauses = [] }: Case): boolean {
  const stay = trigger.calls.filter((call) => !withdrawnCauses.includes(call.evaluationId)).length;
  return (trigger.rule === 'critical-failure' || trigger.rule === 'consecutive-fails') && stay >= trigger.threshold;
}

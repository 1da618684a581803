/** What the evaluation service found out after a training. */
import type { ReEvaluationResult } from '@coachloop/contracts';
import type { Case, ReEvaluation, WindowOpened } from './case.ts';
import { assign, change, current, type Draft, end, escalate, move, type Step } from './case-draft.ts';

const isCurrent = (state: Case, assignmentId: string) => current(state)?.assignmentId === assignmentId;

export function windowOpened(state: Case, data: WindowOpened, step: Step): Draft {
  const draft: Draft = { state, events: [] };
  if (state.stage !== 'trained' || !isCurrent(state, data.assignmentId)) return draft;
  const reEvaluation: ReEvaluation = {
    assignmentId: data.assignmentId,
    attempt: data.attempt,
    openedAt: data.after,
    deadlineAt: data.deadlineAt,
    calls: data.calls,
    before: data.before,
    after: null,
    difference: null,
    interval80: null,
    passMark: null,
    outcome: null,
    decidedAt: null,
  };
  return move(change(draft, { reEvaluations: [...state.reEvaluations, reEvaluation] }), 're-evaluating', step);
}

export function reEvaluated(state: Case, data: ReEvaluationResult, step: Step): Draft {
  const draft: Draft = { state, events: [] };
  const expected = state.stage === 'trained' || state.stage === 're-evaluating';
  if (!expected || !isCurrent(state, data.assignmentId)) return draft;

  const opened = state.reEvaluations.find((r) => r.assignmentId === data.assignmentId);
  const decided: ReEvaluation = {
    openedAt: data.decidedAt,
    deadlineAt: null,
    calls: null,
    ...opened,
    assignmentId: data.assignmentId,
    attempt: data.attempt,
    before: data.before,
    after: data.after,
    difference: data.difference,
    interval80: data.interval80,
    passMark: data.passMark,
    outcome: data.outcome,
    decidedAt: data.decidedAt,
  };
  const others = state.reEvaluations.filter((r) => r !== opened);
  const known = change(draft, { reEvaluations: [...others, decided] });
  switch (data.outcome) {
    case 'closed':
      return end(known, 'improved', data.decidedAt, decided, step);
    case 'held':
      return end(known, 'held', data.decidedAt, decided, step);
    case 'insufficient-evidence':
      return end(known, 'insufficient-evidence', data.decidedAt, decided, step);
    case 'repeated':
      // This service's own bound holds too, whatever the other one's policy says.
      if (state.assignments.length <= step.policy.repeats) return assign(known, data.decidedAt, step);
      return end(escalate(known, 'not-improved', step), 'escalated', data.decidedAt, decided, step);
    case 'escalated':
      return end(escalate(known, 'not-improved', step), 'escalated', data.decidedAt, decided, step);
  }
}

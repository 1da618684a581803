/** What happens when nobody reports a completion: overdue, reminders, the team leader, the end. One step per timer. */
import type { Case } from './case.ts';
import { changeCurrent, current, type Draft, end, escalate, type Step, say, whichOf } from './case-draft.ts';
import { DAY_MS, isoOf } from './time.ts';

/**
 * Steps are spaced from when the last one was taken, not from the due date: after an outage people get their reminders
 * one by one again, instead of all of them and the escalation within a second.
 */
export function overdue(state: Case, firedMs: number, step: Step): Draft {
  const draft: Draft = { state, events: [] };
  const assignment = current(state);
  if (!assignment || assignment.nextStepAt === null || assignment.nextStepAt > firedMs) return draft;
  const { reminders, everyDays, endAfterDays } = step.policy.overdue;
  const taken = assignment.overdueSteps;
  const next = (days: number) => ({ overdueSteps: taken + 1, nextStepAt: step.now + days * DAY_MS });
  const about = { ...whichOf(state, assignment), dueAt: assignment.dueAt };

  if (taken === 0) return say(changeCurrent(draft, next(everyDays)), 'training.overdue', about);
  if (taken <= reminders)
    return say(changeCurrent(draft, next(everyDays)), 'training.reminded', { ...about, reminder: taken });
  if (taken === reminders + 1) return escalate(changeCurrent(draft, next(endAfterDays)), 'overdue', step);
  // The team leader was told and nothing came: the case ends, so that the competency is free again.
  return end(draft, 'escalated', isoOf(step.now), null, step);
}

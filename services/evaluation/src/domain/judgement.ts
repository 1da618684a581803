/** The verdict on one training. */
import type { ReEvaluationResult } from '@coachloop/contracts';
import { sampleOf } from './calls.ts';
import type { Policy } from './policy.ts';
import type { OpenWindow } from './review.ts';
import { differenceOf, meanOf, rounded } from './statistics.ts';
import { isoOf } from './time.ts';

export type Verdict = Pick<
  ReEvaluationResult,
  'outcome' | 'after' | 'difference' | 'interval80' | 'passMark' | 'decidedAt'
>;

/**
 * | calls after | mean after    | lower 80 % bound of the difference | outcome                                        |
 * |-------------|---------------|------------------------------------|------------------------------------------------|
 * | too few     | –             | –                                  | insufficient-evidence                          |
 * | all         | below the mark| –                                  | repeated; past the repeats escalated           |
 * | all         | at the mark   | above 0                            | closed                                         |
 * | all         | at the mark   | 0 or below                         | held, where it may be; else as below the mark  |
 * | all         | at the mark   | not to be had: too few calls before| insufficient-evidence                          |
 *
 * Held: the calls before were at the mark already, so that there was little to improve on, and what opened the case did not come
 * back. It claims no improvement. The last row: the agent is as good as asked, only nobody can say whether the training did it.
 * That is for the team leader, and not a reason to send somebody to another course.
 * `window.after` holds the calls decided on; decisions are made on unrounded figures.
 */
export function judge(window: OpenWindow, policy: Policy): Verdict {
  const after = window.after.map((c) => c.score);
  const before = window.before.calls.map((c) => c.score);
  const { difference, interval80 } = differenceOf(before, after);
  const proven = before.length >= policy.before.minCalls ? interval80 : null;
  const mayHold = window.closeHeld === true && (meanOf(before) ?? 0) >= window.passMark && isKeptUp(window);
  const complete = after.length >= window.calls;
  const last = window.after.at(-1);
  return {
    outcome: complete ? outcomeOf(meanOf(after) ?? 0, proven, mayHold, window, policy) : 'insufficient-evidence',
    after: sampleOf(window.after),
    difference: difference === null ? null : rounded(difference),
    interval80: proven === null ? null : { low: rounded(proven.low), high: rounded(proven.high) },
    passMark: window.passMark,
    decidedAt: isoOf(complete && last ? last.endedAt : window.deadlineAt),
  };
}

/**
 * No critical question was missed after the training; and the criterion that the case is about, where it is about one, was met as
 * often as the mark asks: an agent who is good otherwise and misses one thing on every call has a mean at the mark, too.
 */
function isKeptUp({ after, passMark }: OpenWindow): boolean {
  const met = after.filter((call) => !call.missed).length;
  return !after.some((call) => call.failedCritically) && 100 * met >= passMark * after.length;
}

function outcomeOf(
  mean: number,
  interval: { low: number } | null,
  mayHold: boolean,
  window: OpenWindow,
  policy: Policy,
): Verdict['outcome'] {
  if (mean >= window.passMark) {
    if (interval === null) return 'insufficient-evidence';
    if (interval.low > 0) return 'closed';
    if (mayHold) return 'held';
  }
  return window.attempt <= policy.repeats ? 'repeated' : 'escalated';
}

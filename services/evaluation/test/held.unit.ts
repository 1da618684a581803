/** An agent who was good before cannot be shown to improve; good again without what opened the case, the case is closed as held. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../src/domain/policy.ts';
import { readPolicy } from '../src/policy.ts';
import { type CallSpec, DAY, HOUR, POLICY, Review, scored, T0, trained, withdrawn } from './given.ts';

const DONE = T0 + 10 * DAY;
const HELD: Policy = { ...readPolicy(), calls: 3 };
const CRITICAL = [{ id: 'identity', critical: true }];

interface Given {
  readonly before: readonly number[];
  readonly after: readonly (number | Pick<CallSpec, 'score' | 'missed'>)[];
  readonly attempt?: number;
  readonly policy?: Policy;
  readonly questionId?: string;
}

function reviewOf({ before, after, attempt = 1, policy = HELD, questionId }: Given): Review {
  const review = new Review(policy);
  review.when(...before.map((score, n) => scored({ n, startedAt: T0 + n * HOUR, score })));
  review.when(trained(DONE, attempt, questionId === undefined ? {} : { questionId }));
  for (const [n, each] of after.entries())
    review.when(
      scored({ n: 100 + n, startedAt: DONE + (n + 1) * HOUR, ...(typeof each === 'number' ? { score: each } : each) }),
    );
  return review;
}
const resultOf = (given: Given) => reviewOf(given).results()[0];

const GOOD = [100, 100, 50, 100, 100, 50, 100, 100, 100, 100];

describe('where the calls before had reached the mark', () => {
  test('the case is held when those after reach it: no improvement is claimed, and all figures are told', () => {
    expect(resultOf({ before: GOOD, after: [100, 100, 100] })).toMatchObject({
      outcome: 'held',
      policyVersion: 3,
      before: { mean: 90 },
      after: { mean: 100 },
      difference: 10,
      passMark: 75,
    });
    expect(resultOf({ before: GOOD, after: [100, 100, 100] })?.interval80?.low).toBeLessThan(0);
  });

  test('also where they are a little lower than before', () => {
    expect(resultOf({ before: GOOD, after: [75, 75, 75] })?.outcome).toBe('held');
  });

  test('a proven improvement is called one', () => {
    expect(resultOf({ before: Array.from({ length: 20 }, () => 80), after: [100, 100, 100] })?.outcome).toBe('closed');
  });

  test.each([
    ['a critical failure came back', [100, 100, { score: 90, missed: CRITICAL }]],
    ['what fails the form came back', [100, 100, { score: 90, missed: [{ id: 'abuse', autoFail: true }] }]],
    ['the mean is below the mark', [100, 50, 50]],
  ] as const)('it goes on when %s', (_what, after) => {
    expect(resultOf({ before: GOOD, after })?.outcome).toBe('repeated');
    expect(resultOf({ before: GOOD, after, attempt: 3 })?.outcome).toBe('escalated');
  });

  test('the result says which call failed critically', () => {
    const result = resultOf({ before: GOOD, after: [100, 100, { score: 90, missed: CRITICAL }] });
    expect(result?.after.calls.map((call) => call.failedCritically)).toEqual([undefined, undefined, true]);
  });

  test('a question that is not critical may be missed', () => {
    expect(resultOf({ before: GOOD, after: [100, 100, { score: 80, missed: [{ id: 'thanks' }] }] })?.outcome).toBe(
      'held',
    );
  });
});

describe('a case about one criterion, of an agent who is good otherwise', () => {
  const missing = { score: 80, missed: [{ id: 'thanks' }] };
  const four = { ...HELD, calls: 4 };

  test('is not held while the criterion is missed on every call', () => {
    const given = { before: GOOD, after: [missing, missing, missing], questionId: 'thanks' };
    expect(resultOf(given)?.outcome).toBe('repeated');
    expect(resultOf(given)?.after.calls.map((call) => call.missed)).toEqual([true, true, true]);
  });

  test('is held where it is met as often as the mark asks: three of four calls', () => {
    const given = { before: GOOD, policy: four, questionId: 'thanks' };
    expect(resultOf({ ...given, after: [100, 100, missing, 100] })?.outcome).toBe('held');
    expect(resultOf({ ...given, after: [100, missing, missing, 100] })?.outcome).toBe('repeated');
  });

  test('is held where it is another criterion that is missed', () => {
    expect(resultOf({ before: GOOD, after: [missing, missing, missing], questionId: 'greeting' })?.outcome).toBe(
      'held',
    );
  });
});

describe('not held', () => {
  test('where the mean before lies below the mark', () => {
    expect(resultOf({ before: [100, 50, 50, 100, 50], after: [75, 75, 75] })?.outcome).toBe('repeated');
  });

  test('where there were too few calls before to tell', () => {
    expect(resultOf({ before: [90], after: [100, 100, 100] })?.outcome).toBe('insufficient-evidence');
  });

  test('under a policy that does not know it, and in a window that was opened under one', () => {
    expect(resultOf({ before: GOOD, after: [100, 100, 100], policy: POLICY })?.outcome).toBe('repeated');
    const old = reviewOf({ before: GOOD, after: [100, 100], policy: POLICY });
    const upgraded = new Review(HELD);
    upgraded.state = old.state;
    upgraded.when(scored({ n: 102, startedAt: DONE + 9 * HOUR, score: 100 }));
    expect(upgraded.results()).toMatchObject([{ outcome: 'repeated', policyVersion: 1 }]);
    upgraded.when(trained(DONE + DAY, 2));
    upgraded.when(...[1, 2, 3].map((n) => scored({ n: 200 + n, startedAt: DONE + DAY + n * HOUR, score: 100 })));
    expect(upgraded.results()[1]).toMatchObject({ outcome: 'held', policyVersion: 3, before: { mean: 90 } });
  });
});

test('what was marked in the calls before stays when another of them is withdrawn', () => {
  const review = new Review({ ...HELD, calls: 5 });
  review.when(scored({ n: 1, startedAt: T0, score: 60, missed: CRITICAL }));
  review.when(...[2, 3].map((n) => scored({ n, startedAt: T0 + n * HOUR, score: 90 })), trained(DONE), withdrawn(2, 2));
  expect(review.state.open[0]?.before.calls.map((call) => call.failedCritically)).toEqual([true, undefined]);
});

test('held always means: at the mark before and after, no critical failure after, and no proven rise', () => {
  const score = fc.integer({ min: 40, max: 100 });
  const after = fc.record({ score, missed: fc.constantFrom([], CRITICAL, [{ id: 'thanks' }]) });
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 2, maxLength: 12 }),
      fc.array(after, { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 1, max: 3 }),
      (before, calls, attempt) => {
        const result = resultOf({ before, after: calls, attempt });
        seen.add(result?.outcome ?? 'none');
        const isGood =
          (result?.before.mean ?? 0) >= 75 &&
          (result?.after.mean ?? 0) >= 75 &&
          calls.every(({ missed }) => missed !== CRITICAL) &&
          (result?.interval80?.low ?? 1) <= 0;
        // The figures of the event are rounded to the hundredth, the verdict is not.
        if (Math.abs((result?.before.mean ?? 0) - 75) > 0.01 && Math.abs((result?.after.mean ?? 0) - 75) > 0.01)
          expect(result?.outcome === 'held').toBe(isGood);
      },
    ),
    { numRuns: 500, seed: 7 },
  );
  expect([...seen].sort()).toEqual(['closed', 'escalated', 'held', 'repeated']);
});

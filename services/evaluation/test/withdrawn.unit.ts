/** A call that turns out to be another agent's says nothing about what this agent's training changed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, Review, scored, T0, trained, uuid, withdrawn } from './given.ts';

const DONE = T0 + 10 * DAY;
const before = (n: number, score: number) => scored({ n, startedAt: T0 + n * HOUR, score });
const after = (n: number, score: number, revision = 1) =>
  scored({ n: 100 + n, startedAt: DONE + n * HOUR, score, revision });

describe('a result that is withdrawn', () => {
  test('leaves the calls, and an open window waits for another one', () => {
    const review = new Review();
    review.when(...[1, 2, 3, 4].map((n) => before(n, 40)), trained(DONE), after(1, 90), after(2, 90));
    review.when(withdrawn(102, 2), after(3, 90));
    expect(review.results()).toEqual([]);
    expect(review.state.calls.map((c) => c.callId)).not.toContain(uuid(102));
    review.when(after(4, 90));
    expect(review.results()[0]?.after.calls.map((c) => c.callId)).toEqual([101, 103, 104].map(uuid));
  });

  test('leaves the calls before the training, although the window is open', () => {
    const review = new Review();
    review.when(...[1, 2, 3, 4].map((n) => before(n, 10 * n)), trained(DONE), withdrawn(4, 2));
    review.when(...[1, 2, 3].map((n) => after(n, 90)));
    expect(review.results()[0]?.before).toMatchObject({ n: 3, mean: 20, sd: 10 });
    expect(review.results()[0]?.difference).toBe(70);
  });

  test('changes no decided window: it is noted', () => {
    const review = new Review();
    review.when(...[1, 2, 3, 4].map((n) => before(n, 40)), trained(DONE), ...[1, 2, 3].map((n) => after(n, 90)));
    const [decided] = review.state.decided;
    review.when(withdrawn(102, 2));
    expect(review.state.decided).toEqual([{ ...decided, revisedLater: [{ evaluationId: uuid(1_102), revision: 2 }] }]);
    expect(review.results()).toHaveLength(1);
  });

  test('of which nothing is known is remembered within a bound: the result may be a dead letter that is replayed', () => {
    const review = new Review();
    review.when(withdrawn(101, 2), after(1, 90));
    expect(review.state.calls).toEqual([]);
    for (let n = 0; n < 80; n++) review.when(withdrawn(n, 2));
    expect(review.state.withdrawn).toHaveLength(50);
  });
});

test('what is kept at rest does not depend on the order in which results and their withdrawals arrive', () => {
  const histories = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  const deal = histories
    .map((each) => each.flatMap((steps, n) => steps.map((ours, i) => ({ n, revision: i + 1, ours }))))
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(deal, ([inOrder, shuffled]) => {
      const keptOf = (list: typeof inOrder) => {
        const review = new Review();
        for (const { n, revision, ours } of list)
          review.when(ours ? after(n, 10 * revision, revision) : withdrawn(100 + n, revision));
        return review.state.calls;
      };
      expect(keptOf(shuffled)).toEqual(keptOf(inOrder));
      const last = new Map(inOrder.map(({ n, ours }) => [uuid(100 + n), ours]));
      expect(new Set(keptOf(shuffled).map((c) => c.callId))).toEqual(
        new Set([...last].filter(([, ours]) => ours).map(([callId]) => callId)),
      );
    }),
    { seed: 7 },
  );
});

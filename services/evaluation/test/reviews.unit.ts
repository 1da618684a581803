import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  C,
  CASE,
  type CallSpec,
  DAY,
  FORM,
  HOUR,
  iso,
  message,
  POLICY,
  Review,
  scored,
  T0,
  trained,
  uuid,
} from './given.ts';

const DONE = T0 + 10 * DAY;
const earlier = (n: number, score: number | null, more: Partial<CallSpec> = {}) =>
  scored({ n, startedAt: T0 + n * HOUR, score, ...more });
const later = (n: number, score: number | null, more: Partial<CallSpec> = {}) =>
  scored({ n: 100 + n, startedAt: DONE + n * HOUR, score, ...more });
/** Ten calls around 40. */
const weak = () => Array.from({ length: 10 }, (_, n) => earlier(n, n % 2 ? 30 : 50));
const callsOf = (sample: { calls: { callId: string }[] } | undefined) => sample?.calls.map((c) => c.callId);

describe('a further course', () => {
  test('given an agent whom the first course made good and luck failed, when the second is judged, then it is by the calls before the first', () => {
    const review = new Review();
    const good = (n: number, from: number) => scored({ n: 200 + n, startedAt: from + n * HOUR, score: 100 });
    const unlucky = [later(1, 50), later(2, 50), later(3, 100)];
    review.when(...weak(), trained(DONE), ...unlucky, ...[1, 2, 3, 4, 5, 6].map((n) => good(n, DONE + DAY)));
    const again = DONE + 3 * DAY;
    review.when(trained(again, 2), ...[11, 12, 13].map((n) => good(n, again)));
    expect(review.results().map(({ outcome, before }) => [outcome, before.n, before.mean])).toEqual([
      ['repeated', 10, 40],
      ['closed', 10, 40],
    ]);
  });
});

describe('a window', () => {
  test('opens when a training was passed, with the calls before', () => {
    const review = new Review();
    const [opened] = review.when(...weak(), trained(DONE));
    expect(opened).toMatchObject({
      type: 'evaluation.window.opened',
      data: {
        assignmentId: `${CASE}.1`,
        courseId: 'course-1',
        calls: 3,
        after: iso(DONE),
        deadlineAt: iso(DONE + 14 * DAY),
        before: { n: 10, mean: 40, sd: 10.54 },
      },
    });
    expect(review.wakeAt).toBe(DONE + 14 * DAY);
  });

  test('does not open for a training that was not passed, nor twice for the same', () => {
    const review = new Review();
    expect(review.when(trained(DONE, 1, { passed: false }))).toEqual([]);
    expect(review.when(trained(DONE), trained(DONE)).map((e) => e.type)).toEqual(['evaluation.window.opened']);
    review.when(...[1, 2, 3].map((n) => later(n, 90)));
    expect(review.when(trained(DONE))).toEqual([]);
  });

  test('takes the latest 20 calls before, begun before the end of the training, on the same form version', () => {
    const review = new Review();
    review.when(...Array.from({ length: 30 }, (_, n) => earlier(n, 40)));
    review.when(
      earlier(30, 0, { form: { ...FORM, version: 2 } }),
      earlier(31, 0, { form: { id: 'chat', version: 1 } }),
    );
    review.when(earlier(32, 0, { competency: 'other' }), earlier(33, null));
    review.when(trained(DONE));
    expect(callsOf(review.state.open[0]?.before)).toEqual(Array.from({ length: 20 }, (_, i) => uuid(10 + i)));
  });
});

describe('the calls after', () => {
  test('are the next three begun after the training, on which the competency was answered, on the same form version', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE));
    review.when(scored({ n: 50, startedAt: DONE - 60_000, endedAt: DONE + 60_000, score: 0 }));
    review.when(
      later(51, null),
      later(52, 0, { competency: 'other' }),
      later(53, 0, { form: { ...FORM, version: 2 } }),
    );
    review.when(later(61, 90), later(62, 95));
    expect(review.results()).toEqual([]);
    review.when(later(63, 100));
    expect(callsOf(review.results()[0]?.after)).toEqual([161, 162, 163].map(uuid));
    expect(review.results()[0]).toMatchObject({
      outcome: 'closed',
      difference: 55,
      decidedAt: iso(DONE + 63 * HOUR + 300_000),
    });
    expect(review.wakeAt).toBeNull();
  });

  test('may have been scored before we heard of the training; then the first three by their end decide', () => {
    const review = new Review();
    const said = review.when(...weak(), later(4, 10), later(2, 90), later(3, 90), later(1, 90), trained(DONE));
    expect(said.map((e) => e.type)).toEqual(['evaluation.window.opened', 'evaluation.completed']);
    expect(callsOf(review.results()[0]?.after)).toEqual([101, 102, 103].map(uuid));
    expect(callsOf(review.results()[0]?.before)).not.toContain(uuid(104));
  });

  test('ending after the deadline do not count', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), later(1, 90), later(2, 90));
    review.when(scored({ n: 103, startedAt: DONE + 14 * DAY - 60_000, endedAt: DONE + 14 * DAY + 1, score: 90 }));
    expect(review.results()).toEqual([]);
  });

  test('a revised evaluation takes the place of the earlier one while the window is open', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), later(1, 10), later(1, 90, { revision: 2 }), later(2, 90), later(3, 90));
    expect(review.results()[0]?.after).toMatchObject({ n: 3, mean: 90 });
  });

  test('a revision that leaves the competency unanswered drops out, an older one changes nothing', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), later(1, 90), later(1, null, { revision: 3 }), later(2, 90), later(3, 90));
    expect(review.results()).toEqual([]);
    review.when(later(2, 0, { revision: 1 }), later(4, 90));
    expect(review.results()[0]?.after).toMatchObject({ n: 3, mean: 90 });
  });

  test('a revision after the decision is noted and changes nothing', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), later(1, 90), later(2, 90), later(3, 90));
    expect(review.when(later(2, 0, { revision: 2 }))).toEqual([]);
    expect(review.state.decided[0]).toMatchObject({
      outcome: 'closed',
      revisedLater: [{ evaluationId: uuid(1102), revision: 2 }],
    });
  });
});

describe('the verdict', () => {
  const verdict = (before: readonly number[], after: readonly number[], attempt = 1) => {
    const review = new Review();
    review.when(
      ...before.map((s, n) => earlier(n, s)),
      trained(DONE, attempt),
      ...after.map((s, n) => later(100 + n, s)),
    );
    return review.results()[0];
  };

  test('closed: the mean reaches the mark and the lower bound is above 0', () => {
    expect(verdict([40, 50, 60], [80, 90, 100])).toMatchObject({
      outcome: 'closed',
      difference: 40,
      interval80: { low: 27.48, high: 52.52 },
      passMark: 75,
    });
  });

  test.each([
    ['below the mark, however much better', [0, 0, 0], [74, 75, 75]],
    ['at the mark, but as good before', [80, 90, 80], [80, 90, 80]],
    ['at the mark, but the spread is too wide to tell', [0, 100, 100, 0, 100], [100, 75, 50]],
    ['constant and the same', [80, 80], [80, 80, 80]],
  ])('repeated, past two repeats escalated: %s', (_what, before, after) => {
    expect(verdict(before, after, 1)?.outcome).toBe('repeated');
    expect(verdict(before, after, 2)?.outcome).toBe('repeated');
    expect(verdict(before, after, 3)?.outcome).toBe('escalated');
  });

  test('exactly the mark is enough', () => {
    expect(verdict([10, 20, 10], [75, 75, 75])?.outcome).toBe('closed');
  });

  test('constant before and after: the interval is the difference', () => {
    expect(verdict([50, 50], [100, 100, 100])).toMatchObject({ outcome: 'closed', interval80: { low: 50, high: 50 } });
  });

  test.each([[[]], [[40]]])('good after, but with %j before nobody can tell: insufficient evidence', (before) => {
    expect(verdict(before, [90, 90, 90])).toMatchObject({ outcome: 'insufficient-evidence', interval80: null });
  });

  test('bad after is bad whatever was before', () => {
    expect(verdict([], [10, 10, 10])).toMatchObject({ outcome: 'repeated', difference: null });
  });

  test('too few calls by the deadline', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), later(1, 90), later(2, 80));
    review.wake();
    expect(review.results()[0]).toMatchObject({
      outcome: 'insufficient-evidence',
      after: { n: 2, mean: 85 },
      difference: 45,
      decidedAt: iso(DONE + 14 * DAY),
    });
    expect(review.wakeAt).toBeNull();
    expect(review.when(later(3, 90))).toEqual([]);
  });

  test('a form republished meanwhile: its calls do not count, so the deadline says insufficient evidence', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), ...[1, 2, 3, 4].map((n) => later(n, 100, { form: { ...FORM, version: 2 } })));
    review.wake();
    expect(review.results()[0]).toMatchObject({ outcome: 'insufficient-evidence', after: { n: 0, mean: null } });
  });
});

describe('several windows', () => {
  test('of different competencies wait for their own deadline, by one timer, and one at a time', () => {
    const review = new Review();
    const other = { competency: 'other', caseId: uuid(88), assignmentId: `${uuid(88)}.1` };
    review.when(trained(DONE + DAY, 1, other), trained(DONE));
    expect(review.wakeAt).toBe(DONE + 14 * DAY);
    // Late: both deadlines have passed on the clock, but only the first is known to have been waited for.
    review.wake();
    expect(review.results().map((r) => r.competency)).toEqual([C]);
    expect(review.wakeAt).toBe(DONE + 15 * DAY);
    review.wake();
    expect(review.results().map((r) => r.competency)).toEqual([C, 'other']);
  });

  test('the second attempt is compared with what was before the first', () => {
    const review = new Review();
    review.when(...weak(), trained(DONE), ...[1, 2, 3].map((n) => later(n, 60)), trained(DONE + DAY, 2));
    expect(review.results()[0]?.outcome).toBe('repeated');
    expect(review.state.open[0]?.before.n).toBe(10);
  });
});

test('what is kept is bounded, and a rare competency is not pushed out', () => {
  const review = new Review();
  review.when(earlier(0, 40, { competency: 'rare' }), ...Array.from({ length: 120 }, (_, n) => earlier(n + 1, 40)));
  expect(review.state.calls).toHaveLength(POLICY.keepCalls + 1);
  expect(review.state.calls[0]?.scores[0]?.competency).toBe('rare');
});

test('unknown messages change nothing', () => {
  const review = new Review();
  review.when(...weak(), trained(DONE));
  const { state, wakeAt } = review;
  expect(review.when(message('training.started', {}))).toEqual([]);
  expect([review.state, review.wakeAt]).toEqual([state, wakeAt]);
});

test('any order of calls, revisions and the training: one window, at most one verdict, on calls that belong', () => {
  const call = fc.record({
    n: fc.nat(12),
    hours: fc.integer({ min: -40, max: 40 }),
    score: fc.constantFrom(0, 50, 100, null),
    revision: fc.integer({ min: 1, max: 3 }),
  });
  let decided = 0;
  fc.assert(
    fc.property(fc.array(call, { minLength: 5, maxLength: 40 }), fc.nat(40), (calls, when) => {
      const review = new Review();
      const all = calls.map((c) => scored({ ...c, startedAt: DONE + c.hours * HOUR + 1 }));
      all.splice(Math.min(when, all.length), 0, trained(DONE));
      for (const m of all) {
        review.when(m);
        expect(review.wakeAt).toBe(review.state.open[0]?.deadlineAt ?? null);
        for (const w of review.state.open) expect(w.after.length).toBeLessThan(w.calls);
      }
      review.wake();
      expect(review.said.map((e) => e.type)).toEqual(['evaluation.window.opened', 'evaluation.completed']);
      const [result] = review.results();
      expect(result?.after.n).toBe(result?.outcome === 'insufficient-evidence' ? result.after.n : 3);
      const ends = result?.after.calls.map((c) => c.endedAt) ?? [];
      expect(ends).toEqual([...ends].sort());
      for (const end of ends) expect(Date.parse(end)).toBeGreaterThan(DONE);
      expect(new Set(callsOf(result?.after)).size).toBe(result?.after.n);
      decided += result?.after.n === 3 ? 1 : 0;
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(decided).toBeGreaterThan(50);
});

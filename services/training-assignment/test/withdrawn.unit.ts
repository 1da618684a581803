/** A call that turns out to be another agent's leaves no trace in what its former agent is judged by. */
import type { Emit, TrainingEventData } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Learner, newLearner } from '../src/domain/learner.ts';
import { handleLearner } from '../src/domain/learners.ts';
import { AGENT, HOUR, iso, message, RULES, Subject, scored, T0, uuid, withdrawn } from './given.ts';

const learner = () => new Subject<Learner>(newLearner(AGENT), handleLearner(RULES));
const failed = (n: number, revision = 1) => scored({ n, endedAt: T0 + n * HOUR, answers: { thanks: 'no' }, revision });
const moved = (n: number, revision = 2) => withdrawn({ n, endedAt: T0 + n * HOUR, answers: {}, revision });
const known = (subject: Subject<Learner>) => subject.state.results.map((r) => r.callId);

describe('a result that is withdrawn', () => {
  test('leaves the window, counts towards no trigger, and the log says so', () => {
    const subject = learner();
    subject.when(failed(1));
    subject.when(failed(2));
    const [said, ...rest] = subject.when(moved(2));
    expect(rest).toEqual([]);
    if (!said) throw new Error('nothing was said');
    const { decisions, ...about } = said.data as TrainingEventData<'training.trigger.evaluated'>;
    expect(about).toMatchObject({ agentId: AGENT, evaluationId: uuid(1_002), revision: 2, callId: uuid(2) });
    expect(new Set(decisions.map((d) => [d.fired, d.reason].join()))).toEqual(new Set(['false,withdrawn']));
    expect(subject.state.triggers.at(-1)).toMatchObject({ evaluationId: uuid(1_002), decisions });
    expect(known(subject)).toEqual([uuid(1)]);
    // The third fail in a row would open a case, were the second one still there.
    subject.when(failed(3));
    expect(subject.types()).not.toContain('training.case.opened');
    subject.when(failed(4));
    expect(subject.types()).toContain('training.case.opened');
  });

  test('of which nothing is known says nothing, and is remembered: the result may be a dead letter that is replayed', () => {
    const subject = learner();
    expect(subject.when(moved(1))).toEqual([]);
    subject.when(failed(1));
    expect(subject.state.results).toEqual([]);
  });

  test('comes back with a higher revision, when the call does', () => {
    const subject = learner();
    for (const m of [failed(1), moved(1, 2), failed(1, 3)]) subject.when(m);
    expect(known(subject)).toEqual([uuid(1)]);
    subject.when(moved(1, 2));
    expect(known(subject)).toEqual([uuid(1)]);
  });

  test('is remembered within a bound', () => {
    const subject = learner();
    for (let n = 0; n < 80; n++) subject.when(moved(n));
    expect(subject.state.withdrawn).toHaveLength(50);
  });
});

describe('a case that rests on a withdrawn result', () => {
  const critical = (n: number) => scored({ n, endedAt: T0 + n * HOUR, answers: { dispute: 'no!' } });
  const caseOf = (subject: Subject<Learner>) => subject.state.tracks[0]?.openCase;

  test('is told, and when it ends as withdrawn there is no cool-down', () => {
    const subject = learner();
    subject.when(critical(1));
    const caseId = caseOf(subject);
    const told = subject.when(moved(1)).filter(({ type }) => type === 'training.case.cause.withdrawn');
    expect(told).toMatchObject([
      { subject: caseId, data: { caseId, evaluationId: uuid(1_001), reason: 'call-moved' } },
    ]);
    const at = T0 + 2 * HOUR;
    subject.when(message('training.case.closed', { caseId, outcome: 'withdrawn', closedAt: iso(at) }, at));
    expect(caseOf(subject)).toBeNull();
    subject.when(critical(3));
    expect(caseOf(subject)).not.toBeNull();
    expect(caseOf(subject)).not.toBe(caseId);
  });

  const ended = (subject: Subject<Learner>, n: number) => {
    const data = { caseId: caseOf(subject), outcome: 'withdrawn', closedAt: iso(T0 + n * HOUR) };
    return message('training.case.closed', data, T0 + n * HOUR);
  };
  const causesOf = (events: readonly Emit[]) =>
    events
      .filter(({ type }) => type === 'training.case.opened')
      .map(({ data }) => (data as TrainingEventData<'training.case.opened'>).trigger.calls.map((call) => call.callId));

  test('gives its other calls back when it ends as withdrawn, and only then', () => {
    const subject = learner();
    for (const n of [1, 2, 3]) subject.when(failed(n));
    const first = caseOf(subject);
    subject.when(moved(2));
    expect(causesOf(subject.when(failed(4)))).toEqual([]);
    const closing = ended(subject, 5);
    subject.when(closing);
    expect(causesOf(subject.when(failed(6)))).toEqual([[uuid(1), uuid(3), uuid(4), uuid(6)]]);
    // Said again, as by a dead letter that is replayed, it is not about the case that is open now.
    const now = caseOf(subject);
    expect(now).not.toBe(first);
    subject.when(closing);
    expect(caseOf(subject)).toBe(now);
    expect(causesOf(subject.when(failed(7)))).toEqual([]);
  });

  test('may be followed by one that the same call opens, and that has another id', () => {
    const subject = learner();
    for (const n of [1, 2, 3]) subject.when(failed(n));
    const first = caseOf(subject);
    subject.when(failed(0));
    subject.when(moved(1));
    subject.when(ended(subject, 5));
    expect(causesOf(subject.when(failed(3, 2)))).toEqual([[uuid(0), uuid(2), uuid(3)]]);
    expect(caseOf(subject)).not.toBe(first);
  });

  test('keeps what a case before it has taken', () => {
    const subject = learner();
    for (const n of [1, 2, 3]) subject.when(failed(n));
    const closedAt = iso(T0 + 4 * HOUR);
    subject.when(message('training.case.closed', { caseId: caseOf(subject), outcome: 'improved', closedAt }));
    const later = 24 * 30; // after the cool-down
    for (const n of [1, 2, 3]) subject.when(failed(later + n));
    subject.when(moved(later + 1));
    subject.when(ended(subject, later + 4));
    expect(causesOf(subject.when(failed(later + 5)))).toEqual([[2, 3, 5].map((n) => uuid(later + n))]);
  });
});

test('what is kept at rest does not depend on the order in which results and their withdrawals arrive', () => {
  // Of each evaluation, one revision after the other: a result of this agent, or the news that it is none.
  const histories = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  const deal = histories
    .map((each) => each.flatMap((steps, n) => steps.map((ours, i) => ({ n, revision: i + 1, ours }))))
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(deal, ([inOrder, shuffled]) => {
      const keptOf = (list: typeof inOrder) => {
        const subject = learner();
        for (const { n, revision, ours } of list) subject.when((ours ? failed : moved)(n, revision));
        return subject.state.results;
      };
      expect(keptOf(shuffled)).toEqual(keptOf(inOrder));
      const last = new Map(inOrder.map(({ n, ours }) => [uuid(n), ours]));
      expect(new Set(keptOf(shuffled).map((r) => r.callId))).toEqual(
        new Set([...last].filter(([, ours]) => ours).map(([callId]) => callId)),
      );
    }),
    { seed: 7 },
  );
});

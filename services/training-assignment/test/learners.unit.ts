import { documentIdOf, type Emit, type TrainingEventData } from '@coachloop/contracts';
import { describe, expect, test } from 'vitest';
import { type Learner, newLearner } from '../src/domain/learner.ts';
import { handleLearner } from '../src/domain/learners.ts';
import {
  AGENT,
  type CallSpec,
  DAY,
  evaluation,
  HOUR,
  iso,
  message,
  RULES,
  Subject,
  scored,
  T0,
  uuid,
} from './given.ts';

const C = 'service-attitude';
const learner = (agentId = AGENT, rules = RULES) => new Subject<Learner>(newLearner(agentId), handleLearner(rules));
const call = (n: number, answers: CallSpec['answers'], more: Partial<CallSpec> = {}) =>
  scored({ n, endedAt: T0 + n * HOUR, answers, ...more });

const decisions = (events: readonly Emit[]) =>
  (events[0] as Emit<TrainingEventData<'training.trigger.evaluated'>>).data.decisions;
const why = (events: readonly Emit[]) =>
  Object.fromEntries(decisions(events).map((d) => [d.rule, [d.reason, d.observed]]));
const opened = (events: readonly Emit[]) =>
  events
    .filter((e) => e.type === 'training.case.opened')
    .map((e) => e.data as TrainingEventData<'training.case.opened'>);
const closing = (caseId: string, at: number) =>
  message('training.case.closed', { agentId: AGENT, caseId, competency: C, closedAt: iso(at) }, at);

describe('rules', () => {
  test('a critical failure opens a case at once, with the call and its evidence', () => {
    const events = learner().when(call(1, { dispute: 'no!', thanks: 'yes' }));
    expect(why(events)['critical-failure']).toEqual(['fired', 1]);
    const [case1] = opened(events);
    expect(case1?.caseId).toBe(documentIdOf('case', AGENT, C, uuid(1001)));
    expect(case1?.openedAt).toBe(iso(T0 + HOUR));
    expect(case1?.trigger.calls).toEqual([
      {
        callId: uuid(1),
        evaluationId: uuid(1001),
        callEndedAt: iso(T0 + HOUR),
        score: 50,
        questions: [
          { questionId: 'dispute', value: 'no', evidence: [{ segment: 1, text: 'what was said' }] },
          { questionId: 'thanks', value: 'yes', evidence: [] },
        ],
      },
    ]);
  });

  test('a critical failure that is scored late is not missed', () => {
    const agent = learner();
    agent.when(call(3, { dispute: 'yes!' }));
    expect(why(agent.when(call(1, { dispute: 'no!' })))['critical-failure']).toEqual(['fired', 1]);
  });

  test('three fails of one criterion in a row open a case; not-applicable neither counts nor interrupts', () => {
    const agent = learner();
    const ok = { b: 'yes', c: 'yes' } as const;
    agent.when(call(1, { a: 'no', ...ok }));
    agent.when(call(2, { a: 'na', ...ok }));
    expect(why(agent.when(call(3, { a: 'no', ...ok })))['consecutive-fails']).toEqual(['below-count', 2]);
    const events = agent.when(call(4, { a: 'no', ...ok }));
    expect(why(events)['consecutive-fails']).toEqual(['fired', 3]);
    expect(opened(events)[0]?.trigger).toMatchObject({ rule: 'consecutive-fails', observed: 3, questionId: 'a' });
    expect(opened(events)[0]?.trigger.calls.map((c) => c.callId)).toEqual([uuid(1), uuid(3), uuid(4)]);
  });

  test('a yes breaks the row, wherever the call falls by its end', () => {
    const agent = learner();
    for (const n of [1, 3]) agent.when(call(n, { a: 'no', b: 'yes', c: 'yes' }));
    agent.when(call(2, { a: 'yes', b: 'yes', c: 'yes' }));
    expect(why(agent.when(call(4, { a: 'no', b: 'yes', c: 'yes' })))['consecutive-fails']).toEqual(['below-count', 2]);
  });

  test('fails of different criteria do not add up', () => {
    const agent = learner();
    agent.when(call(1, { a: 'no', b: 'yes', c: 'yes' }));
    agent.when(call(2, { a: 'yes', b: 'no', c: 'yes' }));
    expect(opened(agent.when(call(3, { a: 'yes', b: 'yes', c: 'no' })))).toEqual([]);
  });

  test('the mean of the last five below 60 opens a case; four calls are too few', () => {
    const agent = learner();
    const half = (n: number) => call(n, n % 2 ? { a: 'no', b: 'yes' } : { a: 'yes', b: 'no' });
    for (const n of [1, 2, 3, 4]) expect(why(agent.when(half(n)))['low-moving-score']).toEqual(['too-few-calls', 50]);
    expect(why(agent.when(half(5)))['low-moving-score']).toEqual(['fired', 50]);
  });

  test('a mean of exactly the threshold is not below it', () => {
    const agent = learner();
    for (const n of [1, 2, 3, 4]) agent.when(call(n, n < 3 ? { a: 'no', b: 'no' } : { a: 'yes', b: 'yes' }));
    expect(why(agent.when(call(5, { a: 'yes', b: 'yes' })))['low-moving-score']).toEqual(['above-threshold', 60]);
  });

  test('a rule that is switched off says so', () => {
    const rules = structuredClone(RULES.policy);
    rules.rules['critical-failure'].enabled = false;
    const events = learner(AGENT, { ...RULES, policy: rules }).when(call(1, { a: 'no!', b: 'yes' }));
    expect(why(events)['critical-failure']).toEqual(['disabled', 1]);
    expect(opened(events)).toEqual([]);
  });

  test('one evaluation opens one case per competency, by the first rule that is met', () => {
    const agent = learner();
    for (const n of [1, 2]) agent.when(call(n, { a: 'no', b: 'yes', c: 'yes' }));
    const events = agent.when(call(3, { a: 'no!', b: 'yes', c: 'yes' }));
    expect(why(events)['critical-failure']?.[0]).toBe('fired');
    expect(why(events)['consecutive-fails']?.[0]).toBe('other-rule-fired');
    expect(opened(events)).toHaveLength(1);
  });
});

describe('what stands against a case', () => {
  const fail = { a: 'no!' } as const;

  test('an open case of the same competency; another competency is free', () => {
    const agent = learner();
    agent.when(call(1, fail));
    expect(why(agent.when(call(2, fail)))['critical-failure']).toEqual(['case-open', 1]);
    expect(opened(agent.when(call(3, fail, { competency: 'call-control' })))).toHaveLength(1);
  });

  test('the cool-down, counted in event time from the end of the case; then fails after it open one again', () => {
    const agent = learner();
    const [first] = opened(agent.when(call(1, fail)));
    agent.when(closing(first?.caseId ?? '', T0 + DAY));
    const within = scored({ n: 2, endedAt: T0 + 28 * DAY, answers: fail });
    expect(why(agent.when(within))['critical-failure']).toEqual(['cool-down', 1]);
    const events = agent.when(scored({ n: 3, endedAt: T0 + 29 * DAY, answers: fail }));
    expect(why(events)['critical-failure']).toEqual(['fired', 1]);
    expect(opened(events)[0]?.caseId).not.toBe(first?.caseId);
  });

  test('fails that led to a case, or lie before its training, do not open the next one', () => {
    const policy = { ...RULES.policy, coolDownDays: 0 };
    const agent = learner(AGENT, { ...RULES, policy });
    for (const n of [1, 2]) agent.when(call(n, { a: 'no', b: 'yes', c: 'yes' }));
    const [first] = opened(agent.when(call(3, { a: 'no', b: 'yes', c: 'yes' })));
    agent.when(call(4, { a: 'no', b: 'yes', c: 'yes' }));
    const who = { agentId: AGENT, caseId: first?.caseId, competency: C };
    agent.when(message('training.completed', { ...who, completedAt: iso(T0 + 5 * HOUR), passed: true }));
    agent.when(closing(first?.caseId ?? '', T0 + 9 * HOUR));
    const after = agent.when(call(10, { a: 'no', b: 'yes', c: 'yes' }));
    expect(why(after)['consecutive-fails']).toEqual(['below-count', 1]);
    expect(why(agent.when(call(2, { a: 'no', b: 'no' }, { revision: 2 })))['consecutive-fails']).toEqual([
      'consumed',
      null,
    ]);
  });

  test('an evaluation never opens a second case, even when a revision moves the end of its call', () => {
    const agent = learner(AGENT, { ...RULES, policy: { ...RULES.policy, coolDownDays: 0 } });
    const [first] = opened(agent.when(call(1, fail)));
    agent.when(closing(first?.caseId ?? '', T0 + 2 * HOUR));
    const moved = agent.when(call(1, fail, { revision: 2, endedAt: T0 + 5 * HOUR }));
    expect(why(moved)['critical-failure']?.[0]).toBe('consumed');
  });

  test('a call older than a week counts and opens nothing, unless the import asks for it', () => {
    const now = T0 + 8 * DAY;
    const agent = learner();
    expect(why(agent.when(call(1, fail), now))['critical-failure']).toEqual(['backfill', 1]);
    expect(agent.state.results).toHaveLength(1);
    expect(opened(agent.when(call(2, fail, { openCases: true }), now))).toHaveLength(1);
  });

  test('calls of nobody open nothing and are not kept', () => {
    const agent = learner('unassigned');
    const events = agent.when(call(1, fail, { agentId: 'unassigned' }));
    expect(decisions(events).every((d) => d.reason === 'unassigned')).toBe(true);
    expect(agent.state).toEqual(newLearner('unassigned'));
  });

  test('a competency without a course', () => {
    const events = learner().when(call(1, fail, { competency: 'juggling' }));
    expect(why(events)['critical-failure']).toEqual(['no-course', 1]);
  });

  test('a competency that was not answered', () => {
    const events = learner().when(call(1, { a: 'na' }));
    expect(why(events)['critical-failure']).toEqual(['not-answered', null]);
  });
});

describe('revisions', () => {
  test('take the place of the earlier one, and may open a case', () => {
    const agent = learner();
    expect(opened(agent.when(call(1, { a: 'yes!' })))).toEqual([]);
    expect(opened(agent.when(call(1, { a: 'no!' }, { revision: 2 })))).toHaveLength(1);
    expect(agent.state.results).toHaveLength(1);
  });

  test('do not take back an open case', () => {
    const agent = learner();
    agent.when(call(1, { a: 'no!' }));
    const events = agent.when(call(1, { a: 'yes!' }, { revision: 2 }));
    expect(events.map((e) => e.type)).toEqual(['training.trigger.evaluated']);
    expect(agent.state.tracks[0]?.openCase).not.toBeNull();
  });

  test('an older one that comes late changes nothing', () => {
    const agent = learner();
    agent.when(call(1, { a: 'yes!' }, { revision: 2 }));
    const before = agent.state;
    const events = agent.when(
      message('qa.evaluation.completed', evaluation({ n: 1, endedAt: T0, answers: { a: 'no!' } })),
    );
    expect(decisions(events).every((d) => d.reason === 'superseded')).toBe(true);
    expect(agent.state).toEqual(before);
  });
});

test('the window keeps the latest calls of each competency, a rare one too', () => {
  const agent = learner();
  agent.when(call(0, { a: 'yes' }, { competency: 'complaint-handling' }));
  for (let n = 1; n <= 60; n++) agent.when(call(n, { a: 'yes' }));
  const of = (c: string) => agent.state.results.filter((r) => r.competencies.some((x) => x.competency === c));
  expect(of('complaint-handling')).toHaveLength(1);
  expect(of(C).map((r) => r.callId)).toEqual(Array.from({ length: 20 }, (_, i) => uuid(41 + i)));
  expect(agent.state.triggers.reduce((n, t) => n + t.decisions.length, 0)).toBeLessThanOrEqual(100);
  expect(decisions(agent.when(scored({ n: 99, endedAt: T0, answers: { a: 'no!' } })))[0]?.reason).toBe('before-window');
});

test('of a late call only the competencies count that later calls did not crowd out', () => {
  const agent = learner();
  for (let n = 1; n <= 20; n++) agent.when(call(n, { a: 'yes' }));
  const both = evaluation({ n: 0, endedAt: T0, answers: { a: 'no!' } });
  const rare = evaluation({ n: 0, endedAt: T0, answers: { b: 'no!' }, competency: 'complaint-handling' });
  const late = {
    ...both,
    answers: [...both.answers, ...rare.answers],
    competencies: [...both.competencies, ...rare.competencies],
  };
  const events = agent.when(message('qa.evaluation.completed', late));
  const reasonOf = (competency: string) => decisions(events).filter((d) => d.competency === competency)[0]?.reason;
  expect(reasonOf(C)).toBe('before-window');
  expect(reasonOf('complaint-handling')).toBe('fired');
  expect(agent.state.results[0]?.competencies.map((c) => c.competency)).toEqual(['complaint-handling']);
});

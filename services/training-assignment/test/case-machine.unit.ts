import { DomainError, type Message } from '@coachloop/contracts';
import { describe, expect, test } from 'vitest';
import { type Case, unknownCase } from '../src/domain/case.ts';
import {
  CASE,
  type CaseSubject,
  caseAt,
  causeWithdrawn,
  completed,
  opened,
  result,
  type Stage,
  started,
  timer,
  WAY,
  windowOpened,
} from './case-given.ts';
import { iso, RULES, T0, uuid } from './given.ts';

const EVENTS = {
  opened: () => opened(),
  start: () => started(1, 'start-other'),
  passed: () => completed(1, true, { sourceId: 'done-other' }),
  'not-passed': () => completed(1, false, { sourceId: 'failed-other' }),
  window: () => windowOpened(),
  closed: () => result('closed'),
  repeated: () => result('repeated'),
  escalated: () => result('escalated'),
  insufficient: () => result('insufficient-evidence'),
  timer: () => timer(T0 + 400 * 86_400_000),
  'cause-withdrawn': () => causeWithdrawn(),
  'other-attempt': () => windowOpened(2),
  'foreign-type': () => ({ ...timer(T0), kind: 'event' as const, type: 'training.reminded' }),
} as const satisfies Record<string, () => Message>;
type Event = keyof typeof EVENTS;

/** Stage after the event and what is said; '–' says nothing and leaves the state alone; a code is a refusal. */
const MOVED = 'training.case.stage.changed';
const END = ['training.case.closed', MOVED];
const ESCALATED = ['training.escalated', ...END];
const AGAIN = ['training.assigned', MOVED];
const SAME = '–';
const UNKNOWN_A = 'TRAINING_ASSIGNMENT_UNKNOWN';
const UNKNOWN_C = 'TRAINING_CASE_UNKNOWN';
type Expected = string | readonly [Stage, readonly string[]];

const RESULTS: Partial<Record<Event, Expected>> = {
  closed: ['closed', END],
  repeated: ['assigned', AGAIN],
  escalated: ['escalated', ESCALATED],
  insufficient: ['insufficient-evidence', END],
};
/** Every pair that is not here is a legal no-op. */
const TABLE: Record<Stage, Partial<Record<Event, Expected>>> = {
  none: {
    opened: ['assigned', [MOVED, 'training.assigned', MOVED]],
    start: UNKNOWN_A,
    passed: UNKNOWN_A,
    'not-passed': UNKNOWN_A,
    window: UNKNOWN_C,
    closed: UNKNOWN_C,
    repeated: UNKNOWN_C,
    escalated: UNKNOWN_C,
    insufficient: UNKNOWN_C,
    'other-attempt': UNKNOWN_C,
    'cause-withdrawn': UNKNOWN_C,
  },
  assigned: {
    start: ['in-training', ['training.started', MOVED]],
    passed: ['trained', ['training.completed', MOVED]],
    'not-passed': ['assigned', ['training.completed', 'training.assigned']],
    timer: ['assigned', ['training.overdue']],
    'cause-withdrawn': ['withdrawn', END],
  },
  'in-training': {
    passed: ['trained', ['training.completed', MOVED]],
    'not-passed': ['assigned', ['training.completed', ...AGAIN]],
    timer: ['in-training', ['training.overdue']],
    'cause-withdrawn': ['in-training', []],
  },
  trained: { window: ['re-evaluating', [MOVED]], ...RESULTS, 'cause-withdrawn': ['trained', []] },
  're-evaluating': { ...RESULTS, 'cause-withdrawn': ['re-evaluating', []] },
  closed: { 'cause-withdrawn': ['closed', []] },
  escalated: { 'cause-withdrawn': ['escalated', []] },
  'insufficient-evidence': { 'cause-withdrawn': ['insufficient-evidence', []] },
  withdrawn: {},
};

const stages = Object.keys(WAY) as Stage[];
const events = Object.keys(EVENTS) as Event[];
const stageOf = (s: CaseSubject) => s.state.stage ?? 'none';

describe.each(stages)('a case that is %s', (stage) => {
  test.each(events)('hears: %s', (event) => {
    const subject = caseAt(stage);
    expect(stageOf(subject)).toBe(stage);
    const before = subject.state;
    const wakeAt = subject.wakeAt;
    const expected = TABLE[stage][event] ?? SAME;
    const hear = () => subject.when(EVENTS[event](), T0 + 400 * 86_400_000);
    if (expected === SAME) {
      expect(hear()).toEqual([]);
      expect(subject.state).toEqual(before);
      expect(subject.wakeAt).toBe(wakeAt);
    } else if (typeof expected === 'string') {
      expect(hear).toThrow(expect.objectContaining({ name: DomainError.name, code: expected }));
    } else {
      expect(hear().map((e) => e.type)).toEqual(expected[1]);
      expect(stageOf(subject)).toBe(expected[0]);
    }
  });
});

test('each stage change says from and to as the history has them', () => {
  const subject = caseAt('none');
  for (const next of [
    opened(),
    started(),
    completed(),
    windowOpened(),
    result('repeated'),
    completed(2),
    result('closed', 2),
  ])
    subject.when(next);
  const said = subject.said.filter((e) => e.type === MOVED).map((e) => e.data as { from: string | null; to: string });
  const state = subject.state as Case;
  expect(said.map(({ from, to }) => [from, to])).toEqual(state.history.map(({ from, to }) => [from, to]));
  expect(said.map((e) => e.to).join(' ')).toBe(
    'opened assigned in-training trained re-evaluating assigned trained closed',
  );
  expect(said[0]?.from).toBeNull();
});

test('a cause that is withdrawn leaves the case where the other calls meet the rule, and where it is none of its causes', () => {
  const calls = [1001, 1002, 1003].map((n) => ({
    callId: uuid(n - 1000),
    evaluationId: uuid(n),
    callEndedAt: iso(T0),
    score: 0,
    questions: [],
  }));
  const subject = caseAt('none');
  subject.when(opened({ rule: 'critical-failure', threshold: 2, calls }));
  for (const n of [1009, 1002, 1002]) expect(subject.when(causeWithdrawn(n))).toEqual([]);
  expect(subject.when(causeWithdrawn(1003)).map((e) => e.type)).toEqual(END);
  expect(subject.state).toMatchObject({ stage: 'withdrawn', outcome: 'withdrawn', open: false });
});

test('a case by a mean is withdrawn with any of its calls, but not once somebody has tried', () => {
  const mean = () => opened({ rule: 'low-moving-score', observed: 40, threshold: 70 });
  const fresh = caseAt('none');
  fresh.when(mean());
  fresh.when(causeWithdrawn());
  expect(fresh.state).toMatchObject({ stage: 'withdrawn' });
  expect(fresh.wakeAt).toBeNull();
  const tried = caseAt('none');
  tried.when(mean());
  tried.when(completed(1, false));
  expect(tried.when(causeWithdrawn())).toEqual([]);
  expect(tried.state).toMatchObject({ stage: 'assigned' });
});

test('a case whose competency has no course any more goes to the team leader', () => {
  const subject = caseAt('none', { ...RULES, catalogue: { version: 2, competencies: [] } });
  subject.when(opened());
  expect(subject.types()).toEqual([MOVED, ...ESCALATED]);
  expect(subject.state).toMatchObject({ stage: 'escalated', outcome: 'escalated', open: false });
});

test('fields that this release does not know are kept', () => {
  const subject = caseAt('none');
  subject.state = { ...unknownCase(CASE), future: uuid(5) } as never;
  subject.when(opened());
  const state = subject.state as Case;
  subject.state = { ...state, assignments: state.assignments.map((a) => ({ ...a, future: 1 })) } as never;
  subject.when(completed());
  expect(subject.state).toMatchObject({ future: uuid(5), assignments: [{ future: 1 }] });
});

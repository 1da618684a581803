/** What comes due is done, once, in order and not early: made by hand, since the product makes none of the faults. */
import type { LogRecord } from '@coachloop/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { Books } from '../src/check/books.ts';
import { Timers } from '../src/check/timers.ts';
import type { Moved } from '../src/deployment.ts';
import { HOUR_MS, siteOf } from '../src/site.ts';

const DUE_MS = Date.parse('2026-03-01T08:00:00Z');
const at = (hours: number): string => new Date(DUE_MS + hours * HOUR_MS).toISOString();
const site = siteOf(1, 0, 0);

let books: Books;
let timers: Timers;
let n: number;
beforeEach(() => {
  books = new Books();
  timers = new Timers(site, books);
  n = 0;
});

/** `hours`: after the due date, by the clock of whoever says it. */
function say(type: string, hours: number, data: object, place: Partial<LogRecord> = {}): void {
  n += 1;
  const topic = `${type.split('.')[0]}-events`;
  const headers = { ce_id: String(n), ce_type: type, ce_time: at(hours) };
  const encoded = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
  const value = Buffer.from(JSON.stringify(data));
  const record = {
    topic,
    partition: 0,
    offset: n,
    key: 'k',
    headers: Object.fromEntries(encoded),
    value,
    timestampMs: 0,
  };
  timers.add({ ...record, ...place });
}

const found = (unlearnt: readonly (readonly [string, string])[] = [], moved: readonly Moved[] = []): string => {
  timers.check({ unlearnt: new Map(unlearnt) }, moved);
  return books.violations.join('\n');
};

describe('a training', () => {
  const which = { caseId: 'c', assignmentId: 'c.1' };
  const assigned = () => say('training.assigned', -1, { ...which, dueAt: at(0) });
  const overdue = (hours = 0) => say('training.overdue', hours, which);
  const reminded = (reminder: number, hours: number) => say('training.reminded', hours, { ...which, reminder });
  const escalated = (hours: number) => say('training.escalated', hours, { caseId: 'c', reason: 'overdue' });
  const closed = (hours: number, outcome = 'escalated') => say('training.case.closed', hours, { caseId: 'c', outcome });
  const completed = () => say('training.completed', -9, { ...which, passed: true });
  const opened = () => say('training.case.opened', -2, { caseId: 'c' });

  test('that nobody completes is overdue, is reminded of, and ends, each step an hour after the one before', () => {
    for (const step of [opened, assigned, overdue]) step();
    reminded(1, 1);
    reminded(2, 2.5);
    escalated(3.5);
    closed(4.5);
    expect(found([['2', 'c.1']])).toBe('');
    expect(timers.figures).toEqual({ overdue: 1, deadlines: 0 });
  });

  test('that is completed, late or not, and a retake of it with terms of its own', () => {
    for (const step of [opened, assigned, overdue, completed]) step();
    say('training.assigned', 3, { ...which, dueAt: at(5), retake: 1 });
    overdue(5);
    completed();
    closed(6, 'improved');
    expect(found()).toBe('');
  });

  test.each<readonly [string, readonly (() => void)[]]>([
    ['lost: training.overdue of c.1', [assigned]],
    ['lost: training.reminded 1 of c.1', [assigned, overdue]],
    [
      'lost: training.case.closed of c.1',
      [assigned, overdue, () => reminded(1, 1), () => reminded(2, 2), () => escalated(3)],
    ],
    ['training.reminded 2 of c.1 came when training.reminded 1 was to come', [assigned, overdue, () => reminded(2, 1)]],
    ['training.overdue of c.1 came when training.reminded 1 was to come', [assigned, overdue, () => overdue(1)]],
    ['training.case.closed of c.1 came when training.reminded 1 was to come', [assigned, overdue, () => closed(1)]],
    ['training.overdue of c.1 came 1 ms early', [assigned, () => overdue(-1 / HOUR_MS)]],
    ['training.reminded 1 of c.1 came 1800000 ms early', [assigned, overdue, () => reminded(1, 0.5)]],
    ['training.overdue of c.1, which had been completed', [assigned, completed, overdue]],
    ['the case c never ended', [assigned, completed]],
    ['training.overdue of the case c, in which nothing was assigned', [overdue]],
  ])('finds: %s', (finding, steps) => {
    opened();
    for (const step of steps) step();
    expect(found()).toContain(finding);
  });

  test('of which nobody reports was completed by somebody, or is not overdue', () => {
    for (const step of [opened, assigned, completed]) step();
    closed(0, 'improved');
    expect(found([['2', 'c.1']])).toContain('invented: somebody completed c.1');
  });

  test('of which nobody reports, and whose case ended otherwise, is missed', () => {
    for (const step of [opened, assigned]) step();
    closed(0, 'improved');
    expect(found([['2', 'c.1']])).toContain('nobody said that c.1 was overdue');
  });

  test('that was withdrawn is never overdue', () => {
    for (const step of [opened, assigned]) step();
    closed(-0.5, 'withdrawn');
    expect(found([['2', 'c.1']])).toBe('');
  });

  test('whatever comes twice under one id is one step', () => {
    for (const step of [opened, assigned, overdue]) step();
    n -= 1;
    overdue();
    expect(books.violations).toEqual([]);
  });
});

describe('a window', () => {
  const which = {
    caseId: 'c',
    assignmentId: 'c.1',
    agentId: 'a',
    competency: 'empathy',
    form: { id: 'f', version: 1 },
  };
  const opened = () => say('evaluation.window.opened', -20, { ...which, calls: 3, after: at(-30), deadlineAt: at(0) });
  const decided = (hours: number, ...calls: readonly string[]) =>
    say('evaluation.completed', hours, {
      ...which,
      after: { n: calls.length, calls: calls.map((evaluationId) => ({ evaluationId })) },
    });
  const evaluated = (evaluationId: string, offset: number, more: object = {}) =>
    say(
      'qa.evaluation.completed',
      -10,
      {
        ...{ evaluationId, agentId: 'a', form: which.form, callStartedAt: at(-29), callEndedAt: at(-28) },
        competencies: [{ competency: 'empathy', score: 50, answered: 2 }],
        ...more,
      },
      { offset },
    );
  /** Nobody showed more than an hour before the deadline before; ten records were there. */
  const moved = { service: 'evaluation', beforeMs: DUE_MS - HOUR_MS, ends: new Map([[0, 10]]) } as const;

  test('is decided with all of its calls before the deadline, or with fewer after it', () => {
    opened();
    decided(-5, 'e1', 'e2', 'e3');
    expect(found()).toBe('');
    say('evaluation.window.opened', -20, {
      ...which,
      assignmentId: 'd.1',
      calls: 3,
      after: at(-30),
      deadlineAt: at(0),
    });
    say('evaluation.completed', 0, { ...which, assignmentId: 'd.1', after: { n: 0, calls: [] } });
    expect(found()).toBe('');
    expect(timers.figures.deadlines).toBe(1);
  });

  test.each<readonly [string, () => void]>([
    ['c.1 was decided 0 times', () => opened()],
    ['c.1 was decided 2 times', () => [opened(), decided(0), decided(0)]],
    ['c.1 was never opened', () => decided(0)],
    ['c.1 was decided 1 ms before its deadline', () => [opened(), decided(-1 / HOUR_MS)]],
  ])('finds: %s', (finding, happens) => {
    happens();
    expect(found()).toContain(finding);
  });

  test('that is given up after hours, without what was there before anybody was started again', () => {
    opened();
    evaluated('e1', 8);
    evaluated('e2', 9);
    decided(1, 'e1');
    expect(found([], [moved])).toContain('c.1 was given up with 1 of 3 calls, and without 1 that were there: e2');
  });

  test.each<readonly [string, () => void]>([
    ['what came afterwards', () => evaluated('e2', 10)],
    ['a call of another agent', () => evaluated('e2', 9, { agentId: 'b' })],
    ['a call that began before the training ended', () => evaluated('e2', 9, { callStartedAt: at(-31) })],
    ['another version of the form', () => evaluated('e2', 9, { form: { id: 'f', version: 2 } })],
    ['a competency that was not answered', () => evaluated('e2', 9, { competencies: [] })],
    ['what another revision takes out', () => [evaluated('e2', 8), evaluated('e2', 9, { competencies: [] })]],
    [
      'what was withdrawn',
      () => [evaluated('e2', 9), say('qa.evaluation.withdrawn', -9, { evaluationId: 'e2', agentId: 'a' })],
    ],
    [
      'what was parked',
      () => {
        evaluated('e2', 9);
        const origin = { topic: 'qa-events', partition: 0, offset: 9 };
        say('dead-letter.parked', 0, { origin }, { topic: 'evaluation.dead-letter' });
      },
    ],
    [
      'what was there when a timer that had been parked came again',
      () => {
        evaluated('e2', 9);
        const letter = { origin: null, stream: 'timer', aggregate: 'a' };
        say('dead-letter.parked', 0, letter, { topic: 'evaluation.dead-letter' });
      },
    ],
  ])('need not have counted %s', (_, happens) => {
    opened();
    happens();
    decided(1);
    expect(found([], [moved])).toBe('');
  });

  test('that a process gave up which may have been there before, counts what it had', () => {
    opened();
    evaluated('e2', 9);
    decided(1);
    expect(found([], [{ ...moved, beforeMs: DUE_MS + 2 * HOUR_MS }])).toBe('');
    expect(found([], [{ ...moved, service: 'training-assignment' }])).toBe('');
    expect(found([], [{ ...moved, ends: null }])).toBe('');
  });
});

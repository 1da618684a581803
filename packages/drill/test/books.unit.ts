/** The reader of the log finds what is lost, doubled and out of order: made by hand, since the product makes none of it. */
import type { Snapshot } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { Books } from '../src/check/books.ts';
import { checkCalls, checkReports } from '../src/check/calls.ts';
import { checkCases, checkOpen } from '../src/check/cases.ts';
import { checkChain, checkFigures } from '../src/check/chain.ts';
import { Hearing } from '../src/check/hearing.ts';
import { checkEnds, checkLetters } from '../src/check/letters.ts';
import { checkWall, shownOn } from '../src/check/wall.ts';
import { Findings } from '../src/findings.ts';
import { Ledger } from '../src/load/ledger.ts';

const encode = (text: string): Uint8Array => Buffer.from(text);
let offset = 0;

interface Said {
  readonly topic?: string;
  readonly type: string;
  readonly id?: string;
  readonly stream?: string;
  readonly seq: number;
  readonly subject?: string;
  readonly data?: object;
}

function recordOf({ topic = 'call-events', type, id, stream = 's', seq, subject = '', data = {} }: Said): LogRecord {
  const headers = {
    ce_id: id ?? `${stream}-${seq}`,
    ce_type: type,
    ce_stream: stream,
    ce_seq: String(seq),
    ce_subject: subject,
  };
  return {
    topic,
    partition: 0,
    offset: offset++,
    key: 'k',
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, encode(text)])),
    value: encode(JSON.stringify(data)),
    timestampMs: 0,
  };
}

let books: Books;
let ledger: Ledger;
let callId: string;
beforeEach(() => {
  books = new Books();
  ledger = new Ledger();
  for (const type of ['call.answered', 'call.ended'])
    ledger.acknowledged({ specversion: '1.0', id: type, source: 'pbx', type, data: { callId: '1' } });
  callId = [...ledger.calls.keys()][0] ?? '';
});

test('what is found is counted beyond what is kept of it', () => {
  const all = new Findings();
  all.add('lost: x');
  for (let n = 1; n <= 300; n += 1) books.wrong(`lost: ${n}`);
  all.addAll(books.findings);
  expect(books.violations).toHaveLength(50);
  expect(books.violations.at(-1)).toBe('lost: 50');
  expect([books.findings.count, all.count, all.kept.length]).toEqual([300, 301, 50]);
});

describe('who subscribed', () => {
  const heard = (...seqs: readonly number[]): Hearing => {
    const hearing = new Hearing('webhook');
    for (const seq of seqs) hearing.hear({ id: `s-${seq}`, stream: 's', seq });
    return hearing;
  };

  test('has heard everything, some of it twice', () => {
    expect(heard(1, 2, 1, 2, 3).missed(new Set(['s-1', 's-2', 's-3'])).kept).toEqual([]);
  });

  test.each([
    ['webhook: 1 of 2 events never came', [1]],
    ['webhook: 1 events came that are not in the log', [1, 2, 3]],
    ['webhook: s#1 came after #2', [2, 1]],
  ])('%s', (finding, seqs) => {
    expect(heard(...seqs).missed(new Set(['s-1', 's-2'])).kept).toEqual([finding]);
  });
});

const add = (...said: readonly Said[]): void => {
  for (const each of said) books.add(recordOf(each));
};
/** A call as it should be. */
const whole = (): readonly Said[] => [
  { type: 'call.answered', seq: 1, subject: callId },
  { type: 'call.ended', seq: 2, subject: callId },
  { type: 'call.completed', seq: 3, subject: callId, data: { callId, abandoned: false } },
  {
    topic: 'qa-events',
    type: 'qa.evaluation.completed',
    stream: 'q',
    seq: 1,
    data: { callId, evaluationId: 'e', agentId: 'a', revision: 1 },
  },
  {
    topic: 'training-events',
    type: 'training.trigger.evaluated',
    stream: 't',
    seq: 1,
    data: { callId, evaluationId: 'e', revision: 1 },
  },
];

test('a whole call, all of it published twice, is no finding', () => {
  add(...whole(), ...whole());
  checkCalls(ledger, books);
  expect(books.violations).toEqual([]);
  expect(books.repetitions).toBe(5);
});

describe('finds', () => {
  test.each([0, 1, 2, 3, 4])('that record %i of a call is lost', (missing) => {
    add(...whole().filter((_, i) => i !== missing));
    checkCalls(ledger, books);
    expect(books.violations.join()).toContain('lost:');
  });

  test('that one happening has two ids', () => {
    add(...whole(), { type: 'call.completed', seq: 4, subject: callId, data: { callId } });
    expect(books.violations).toEqual([`doubled: call.completed ${callId} happened twice`]);
  });

  test('that one event of a call has two ids', () => {
    add(...whole(), { type: 'call.ended', seq: 4, subject: callId });
    checkCalls(ledger, books);
    expect(books.violations).toEqual([`doubled: 1 of 1 call.ended of the call ${callId}`]);
  });

  test('that an event comes for the first time after a later one', () => {
    add({ type: 'call.ended', seq: 2 }, { type: 'call.answered', seq: 1 });
    expect(books.violations.join()).toContain('order: s#1');
  });

  test('that an id is used under two numbers', () => {
    add({ type: 'call.ended', id: 'x', seq: 1 }, { type: 'call.ended', id: 'x', seq: 2 });
    expect(books.violations.join()).toContain('doubled: the event x');
  });

  test('a call that nobody sent', () => {
    add({ type: 'call.answered', seq: 1, subject: 'other' });
    checkCalls(ledger, books);
    expect(books.violations.join()).toContain('invented: the call other');
  });

  test.each([
    [0, 'lost'],
    [2, 'doubled'],
  ])('a completion that was accepted and is there %i times', (times, word) => {
    ledger.reported({ assignmentId: 'a', sourceId: 'r', kind: 'completion', effect: 'accepted', stage: '' });
    for (let seq = 1; seq <= times; seq += 1)
      add({ topic: 'training-events', type: 'training.completed', seq, data: { assignmentId: 'a', sourceId: 'r' } });
    checkReports(ledger, books);
    expect(books.violations.join()).toContain(`${word}: the completion r`);
  });

  test('a completion that was known when it was answered, and is not there', () => {
    const report = { assignmentId: 'a', kind: 'completion', effect: 'duplicate' } as const;
    ledger.reported({ ...report, sourceId: 'ended', stage: 'escalated' }); // perhaps it came too late, and was ignored
    ledger.reported({ ...report, sourceId: 'r', stage: 'trained' });
    checkReports(ledger, books);
    expect(books.violations).toEqual(['lost: the completion r of a is known, and is not there']);
  });

  test.each([
    ['accepted', 0, 'lost: 1 of 1 starts of a'],
    ['accepted', 1, ''],
    ['accepted', 2, 'invented: 2 starts of a, of 1 that were reported'],
    ['duplicate', 0, ''],
    ['duplicate', 1, ''],
    ['ignored', 1, 'invented: 1 starts of a, of 0 that were reported'],
  ] as const)('a start that was %s and is there %i times: %s', (effect, times, finding) => {
    ledger.reported({ assignmentId: 'a', sourceId: 's', kind: 'start', effect, stage: 'in-training' });
    for (let seq = 1; seq <= times; seq += 1)
      add({ topic: 'training-events', type: 'training.started', seq, data: { caseId: 'c', assignmentId: 'a' } });
    checkReports(ledger, books);
    expect(books.violations.join()).toBe(finding);
  });

  test('two open cases of an agent for one competency', () => {
    const shown = { stage: 'assigned', agentId: 'a', competency: 'b' };
    const all = [true, false, true].map((open, i) => ({ ...shown, caseId: `c${i}`, open }));
    checkOpen([...all.slice(0, 2), { ...shown, caseId: 'c3', agentId: 'other', open: true }], books);
    expect(books.violations).toEqual([]);
    checkOpen(all, books);
    expect(books.violations).toEqual(['case: there are two open ones for a b']);
  });

  test('a case that jumped, and one that is shown otherwise', () => {
    const moved = (seq: number, from: string | null, to: string): Said => ({
      topic: 'training-events',
      type: 'training.case.stage.changed',
      seq,
      data: { caseId: 'c', from, to },
    });
    add(moved(1, null, 'opened'), moved(2, 'opened', 'assigned'), moved(3, 'trained', 'closed'));
    checkCases([{ caseId: 'c', stage: 'trained', open: true, agentId: 'a', competency: 'b' }], books);
    expect(books.violations).toEqual([
      'case: c moved from trained to closed when it was assigned',
      'case: c is shown as trained, and the log ends at closed',
    ]);
  });

  test.each([
    ['training.case.opened', 0, 'lost: notification.created (case-opened)'],
    ['training.case.opened', 2, 'doubled: notification.created (case-opened)'],
    ['training.completed', 0, 'lost: evaluation.window.opened'],
  ])('that of what follows from %s there is %i', (type, times, finding) => {
    const data = { caseId: 'c', assignmentId: 'c.1', passed: true };
    add({ topic: 'training-events', type, seq: 1, data });
    for (let seq = 1; seq <= times; seq += 1)
      add({
        topic: 'notification-events',
        type: 'notification.created',
        stream: 'n',
        seq,
        data: { ...data, notificationId: seq, template: 'case-opened' },
      });
    checkChain(books);
    expect(books.violations.join()).toContain(finding);
  });

  test('live figures that are no recount of the log', () => {
    add(...whole());
    const [evaluations, casesOpened] = [books.evaluations.size, books.counts.get('training.case.opened') ?? 0];
    const agents = [{ agentId: 'a', all: { evaluations } }];
    checkFigures(agents, { evaluations, casesOpened }, books);
    expect(books.violations).toEqual([]);
    checkFigures(agents, { evaluations: evaluations + 1, casesOpened: casesOpened + 1 }, books);
    checkFigures([{ agentId: 'a', all: { evaluations: 2 } }], { evaluations, casesOpened }, books);
    expect(books.violations.join()).toContain(`figures: there are ${evaluations + 1} evaluations in all`);
    expect(books.violations.join()).toContain('figures: there are 1 cases in all');
    expect(books.violations.join()).toContain('figures: a has 2 evaluations');
  });

  test('a wall that shows something else than that of a platform to which nothing was done', () => {
    const wall = (talking: number) =>
      shownOn({
        figures: { meanScore: { value: 1, all: { value: 80, n: 3 } }, casesOpened: { all: { value: talking, n: 1 } } },
        callStages: [{ stage: 'talking', count: talking }],
        agentStates: [{ state: 'idle', count: 1 }],
        scores: { all: { bins: [], n: 3, mean: 80 } },
      } as unknown as Snapshot);
    checkWall(wall(0), wall(0), books);
    expect(books.violations).toEqual([]);
    checkWall(wall(-1), wall(0), books);
    expect(books.violations).toEqual(['wall: calls that are talking: -1, undisturbed 0']);
  });

  describe('dead letters', () => {
    const strange = (n: string) =>
      books.add({ ...recordOf({ topic: 'call-intake', type: '', seq: 0 }), headers: { 'x-strange': encode(n) } });
    const letter = (place: number, seq: number, type = 'dead-letter.parked') => {
      const origin = { topic: 'call-intake', partition: 0, offset: place };
      add({ topic: 'call-ingest.dead-letter', type, seq, data: { origin } });
    };
    const open = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ id: `l${i}`, service: 'call-ingest', status: 'open', code: '' }));
    const judged = (shown: number, ...written: readonly string[]): string => {
      checkLetters({ written: new Set(written) }, open(shown), [], books);
      return books.violations.join();
    };

    test('one for each that a stranger wrote is as it should be, said twice or not', () => {
      const at = offset;
      strange('1');
      letter(at, 1);
      letter(at, 1);
      expect(judged(1, '1')).toBe('');
    });

    test('of anything else are found, where no stranger is, too', () => {
      letter(10_000, 1);
      checkLetters(null, open(1), [], books);
      expect(books.violations.join()).toContain('dead letter: call-ingest.dead-letter');
    });

    test.each([
      ['there is none', 0, () => undefined],
      ['there are 2', 2, (at: number) => [letter(at, 1), letter(at, 2)]],
      ['0 are shown, and 1', 0, (at: number) => letter(at, 1)],
      ['"offset":', 1, (at: number) => [letter(at, 1), letter(at + 500, 2)]],
    ])('%s', (finding, shown, happens) => {
      const at = offset;
      strange('1');
      happens(at);
      expect(judged(shown, '1')).toContain(finding);
    });

    test('what never reached the topic is lost', () => {
      expect(judged(0, '1')).toContain('lost: what a stranger wrote (1)');
    });

    const given = (letter: string, seq: number) =>
      add({
        topic: 'call-ingest.dead-letter',
        type: 'dead-letter.resolved',
        seq,
        subject: letter,
        data: { how: 'discarded' },
      });
    const ended = (...status: readonly string[]): string => {
      const shown = status.map((each, i) => ({ id: `l${i}`, service: 'call-ingest', status: each, code: '' }));
      checkEnds({ discarded: new Set(['l0']) }, shown, books);
      return books.violations.join();
    };

    test('one was given up, said twice or not, and the other waits', () => {
      given('l0', 1);
      given('l0', 1);
      expect(ended('discarded', 'open')).toBe('');
    });

    test.each([
      ['l0 is open in the log, and should be discarded', [], ['discarded', 'open']],
      ['l0 is shown as open, and should be discarded', ['l0'], ['open', 'open']],
      ['l1 is discarded in the log, and should be open', ['l0', 'l1'], ['discarded', 'open']],
      ['l1 is shown as discarded, and should be open', ['l0'], ['discarded', 'discarded']],
      ['doubled: the end of the dead letter l0', ['l0', 'l0'], ['discarded', 'open']],
    ])('%s', (finding, logged, shown) => {
      for (const [i, letter] of logged.entries()) given(letter, i + 1);
      expect(ended(...shown)).toContain(finding);
    });

    const failed = (id: string, seq: number) =>
      add({
        topic: 'qa-scoring.dead-letter',
        type: 'dead-letter.parked',
        seq,
        subject: id,
        data: { origin: null, reason: { code: 'TRANSITION_FAILED' } },
      });
    const replayed = (seq: number) =>
      add({
        topic: 'qa-scoring.dead-letter',
        type: 'dead-letter.resolved',
        seq,
        subject: 'l0',
        data: { how: 'replayed' },
      });
    const shownAs = (...status: readonly string[]) =>
      status.map((each, i) => ({ id: `l${i}`, service: 'qa-scoring', status: each, code: 'TRANSITION_FAILED' }));

    test('what failed, once more at a replay that came too early, and then did not, is as it should be', () => {
      failed('l0', 1);
      failed('l0', 2);
      replayed(3);
      checkLetters(null, shownAs('replayed'), ['qa-scoring'], books);
      checkEnds({ discarded: new Set() }, shownAs('replayed'), books);
      expect(books.violations).toEqual([]);
    });

    test('what failed is found where nothing should have, where it was never replayed, and where it is shown as open again', () => {
      failed('l0', 1);
      failed('l1', 2);
      replayed(3);
      checkLetters(null, shownAs('open', 'open'), ['evaluation'], books);
      checkEnds({ discarded: new Set() }, shownAs('open', 'replayed'), books);
      const found = books.violations.join();
      expect(found).toContain('dead letter: qa-scoring.dead-letter');
      expect(found).toContain('l0 is shown as open, and should be replayed');
      expect(found).toContain('l1 is open in the log, and should be replayed');
    });

    test('a stream that is in two topics is out of order', () => {
      add({ type: 'call.ended', seq: 1 });
      letter(offset, 2);
      expect(books.violations.join()).toContain('order: the stream s is in call-events/0 and in');
    });
  });
});

import { type CloudEvent, PARTITIONS, PUBLIC_TOPICS } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CURSOR_CHARS_MAX, CURSOR_TOPICS, Cursor } from '../src/feed/cursor.ts';
import { formatOf } from '../src/feed/format.ts';
import { selectionOf, typesOf } from '../src/feed/patterns.ts';
import { Repeats } from '../src/feed/repeats.ts';

describe('a cursor', () => {
  test('has a place for every public topic', () => {
    expect(new Set(CURSOR_TOPICS)).toEqual(new Set(PUBLIC_TOPICS));
  });

  const offsets = fc.array(fc.option(fc.maxSafeNat(), { nil: null }), { minLength: 60, maxLength: 60 });
  test('comes back as it was, and is short enough to be given back', () => {
    fc.assert(
      fc.property(offsets, (list) => {
        const cursor = new Cursor();
        list.forEach((offset, i) => {
          const topic = CURSOR_TOPICS[Math.floor(i / PARTITIONS)];
          if (topic !== undefined && offset !== null && offset < Number.MAX_SAFE_INTEGER)
            cursor.advance({ topic, partition: i % PARTITIONS, offset });
        });
        const text = cursor.toString();
        expect(text.length).toBeLessThanOrEqual(CURSOR_CHARS_MAX);
        const again = Cursor.parse(text);
        expect(again?.toString()).toBe(text);
        expect(again?.positions(CURSOR_TOPICS)).toEqual(cursor.positions(CURSOR_TOPICS));
      }),
    );
  });

  test('of any text is one of ours or null', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.uint8Array({ maxLength: 80 }).map((b) => Buffer.from([1, ...b]).toString('base64url')),
        ),
        (text) => {
          const cursor = Cursor.parse(text);
          if (cursor)
            for (const { offset } of cursor.positions(CURSOR_TOPICS)) expect(Number.isSafeInteger(offset)).toBe(true);
        },
      ),
    );
  });

  test('of a release with fewer topics reads the new ones from their beginning', () => {
    const old = Buffer.from([1, ...Array.from({ length: PARTITIONS }, () => 5)]).toString('base64url');
    const positions = Cursor.parse(old)?.positions(CURSOR_TOPICS);
    expect(positions).toHaveLength(PARTITIONS);
    expect(positions?.[0]).toEqual({ topic: 'call-events', partition: 0, offset: 4 });
  });
});

describe('types', () => {
  test('a star takes everything that begins so', () => {
    expect(typesOf('evaluation.*')).toEqual(['evaluation.window.opened', 'evaluation.completed']);
    expect(typesOf('training.case.*').every((type) => type.startsWith('training.case.'))).toBe(true);
    expect(typesOf('training')).toEqual([]);
    expect(selectionOf(['*']).topics).toEqual(PUBLIC_TOPICS);
    expect(selectionOf(['evaluation.completed', 'qa.*']).topics).toEqual(['qa-events', 'evaluation-events']);
  });
});

describe('repetitions', () => {
  test('first occurrences pass, all else does not, however the log repeats them', () => {
    const event = (stream: string, seq: number) => ({ stream, seq }) as CloudEvent;
    const log = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 5 })), { maxLength: 60 });
    fc.assert(
      fc.property(log, (wanted) => {
        const repeats = new Repeats(100);
        const next = new Map<number, number>(); // a relay publishes in order, and may go back at any time
        const passed: string[] = [];
        const firsts: string[] = [];
        for (const [stream, jump] of wanted) {
          const highest = next.get(stream) ?? 0;
          const seq = jump > 3 ? highest + 1 : Math.max(1, highest - jump + 1);
          if (seq > highest) firsts.push(`${stream}/${seq}`);
          next.set(stream, Math.max(highest, seq));
          const one = event(String(stream), seq);
          if (repeats.has(one)) continue;
          repeats.add(one);
          passed.push(`${stream}/${seq}`);
        }
        expect(passed).toEqual(firsts);
      }),
    );
  });

  test('memory is bounded: what was not seen for long is forgotten', () => {
    const repeats = new Repeats(2);
    for (const stream of ['a', 'b', 'a', 'c']) repeats.add({ stream, seq: 1 } as CloudEvent);
    expect(['a', 'b', 'c'].map((stream) => repeats.has({ stream, seq: 1 } as CloudEvent))).toEqual([true, false, true]);
  });
});

test.each([
  [undefined, 'application/x-ndjson'],
  ['*/*', 'application/x-ndjson'],
  ['text/event-stream', 'text/event-stream'],
  ['application/json', 'application/json'],
  ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
  ['text/html, application/json;q=0.9, */*;q=0.1', 'application/json'],
  ['application/json;q=0', null],
  ['text/csv', null],
])('Accept %s gives %s', (accept, format) => {
  expect(formatOf(accept)).toBe(format);
});

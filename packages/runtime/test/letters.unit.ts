/** The document of a dead letter, which hears of its letter and of its end. */
import { DEAD_LETTER_TYPE, type Message } from '@coachloop/contracts';
import { expect, test } from 'vitest';
import { type LetterState, lettersAggregate, RESOLVED_TYPE } from '../src/letters.ts';

const said = (type: string, data: object): Message => ({
  id: type,
  kind: 'event',
  type,
  source: '/test/agents/a',
  time: 0,
  data,
  origin: { topic: 'test.dead-letter', partition: 0 },
});
const name = { group: 'test', collection: 'agents', aggregate: 'a', stream: 's', seq: 1 };
const parked = said(DEAD_LETTER_TYPE, {
  ...name,
  origin: null,
  reason: { code: 'TRANSITION_FAILED', message: 'it broke' },
  parkedAt: '2026-05-04T12:00:00Z',
  record: { key: null, headers: {}, value: null },
});
const replayed = said(RESOLVED_TYPE, { ...name, how: 'replayed' });

const after = (...messages: readonly Message[]): LetterState => {
  const { initial, handle } = lettersAggregate('test');
  return messages.reduce<object>(
    (state, message) => handle(state as never, message, 0).state ?? {},
    initial('l'),
  ) as LetterState;
};

test('a letter that was replayed stays so when the word of its parking comes late', () => {
  expect(after(parked).status).toBe('open');
  expect(after(parked, replayed).status).toBe('replayed');
  expect(after(replayed, parked)).toEqual(after(parked, replayed));
});

test('a letter that is parked once more by a replay that failed is open', () => {
  expect(after(parked, parked).status).toBe('open');
});

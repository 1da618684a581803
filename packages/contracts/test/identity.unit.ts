import fc from 'fast-check';
import { v5 } from 'uuid';
import { expect, test } from 'vitest';
import {
  agentIdOf,
  callIdOf,
  customerHashOf,
  documentIdOf,
  eventIdOf,
  sha256,
  UNASSIGNED_AGENT,
} from '../src/index.ts';

const CALL = '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a01';
const EVENT = '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a03';

// Ids are in every log and every document: these values must never change.
test('ids have the values that they had in the first release', () => {
  expect(callIdOf('https://pbx.example/centre-1', 'c-20260504-0017')).toBe('e57568e0-f85c-561b-982a-f83608d9304d');
  expect(agentIdOf('https://pbx.example/centre-1', '1042')).toBe('807b93a6-2739-5920-85c7-9d7782f4484f');
  expect(agentIdOf('urn:呼叫中心', '坐席2077')).toBe('8c1422c0-ee8c-56bd-a21e-664ce3baa717');
  expect(eventIdOf('cause-1', 'qa-scoring', 'aggregate-1', 0)).toBe('c56d53f4-cfbd-5ff5-ad82-86778b3e641b');
  expect(documentIdOf('case', 'agent', 'competency', 3)).toBe('222c1882-d1ef-56f7-842c-3c43cb6783e3');
  expect(customerHashOf('key', ' Customer-88 ')).toBe('69310b7171f645397a4a03416e267282');
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('ids are UUIDs version 5, as the uuid package makes them, for texts of any length and script', () => {
  const name = fc.string({ unit: 'binary', maxLength: 1_500 }).map((text) => text.replaceAll('\u001f', ''));
  fc.assert(
    fc.property(name, name, (source, id) => {
      expect(callIdOf(source, id)).toBe(v5(`${source}\u001f${id}`, CALL));
      expect(eventIdOf(source, 's', id, 7)).toBe(v5([source, 's', id, 7].join('\u001f'), EVENT));
    }),
    { numRuns: 40 },
  );
});

test('no choice of ids makes two names meet, even with the separator in them', () => {
  expect(callIdOf('a\u001fb', 'c')).not.toBe(callIdOf('a', 'b\u001fc'));
  const part = fc.string({ unit: fc.constantFrom('a', '\u001f', '"', ',', '[', ']', '\\'), maxLength: 6 });
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), (one, other) => {
      expect(callIdOf(...one) === callIdOf(...other)).toBe(one[0] === other[0] && one[1] === other[1]);
    }),
    { numRuns: 2_000 },
  );
});

test('an agent is named by source and id, trimmed, letter case kept; a blank id is nobody', () => {
  expect(agentIdOf('s', ' 1042 ')).toBe(agentIdOf('s', '1042'));
  expect(agentIdOf('s', 'a')).not.toBe(agentIdOf('s', 'A'));
  expect(agentIdOf('s', '1042')).not.toBe(agentIdOf('t', '1042'));
  for (const nobody of [undefined, null, '', ' \t']) expect(agentIdOf('s', nobody)).toBe(UNASSIGNED_AGENT);
});

test('a customer is the same whatever the case and the blanks, and another with another key', () => {
  expect(customerHashOf('key', ' A@B.example ')).toBe(customerHashOf('key', 'a@b.example'));
  expect(customerHashOf('key', 'a')).not.toBe(customerHashOf('key 2', 'a'));
  expect(customerHashOf('key', 'a')).toMatch(/^[0-9a-f]{32}$/);
});

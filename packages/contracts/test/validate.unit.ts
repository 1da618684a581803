import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { CallIntake, faultOf, Nullable, Score, Shape } from '../src/index.ts';

const schema = CallIntake['transcript.completed'];
const segment = { index: 0, speaker: 'agent', text: 'Hello' };
const given = (change: object, segments: readonly unknown[] = [segment]) => ({
  callId: 'c-1',
  transcript: { timing: 'none', segments },
  ...change,
});

describe('a fault names the field and what it must be', () => {
  test.each([
    ['a whole of the wrong kind', null, '', 'must be object'],
    ['a missing field', { callId: 'c-1' }, '/transcript', 'is missing'],
    [
      'a missing field in a list',
      given({}, [segment, { index: 1, text: '' }]),
      '/transcript/segments/1/speaker',
      'is missing',
    ],
    ['a wrong type', given({ callId: 7 }), '/callId', 'must be string'],
    [
      'a wrong type in a list',
      given({}, [segment, { ...segment, text: 7 }]),
      '/transcript/segments/1/text',
      'must be string',
    ],
    ['no list', given({}, { 0: segment } as never), '/transcript/segments', 'must be array'],
    ['a word that is none', given({ channel: 'fax' }), '/channel', 'must be one of "voice", "chat", "mail", "other"'],
    ['a fraction', given({}, [{ ...segment, index: 0.5 }]), '/transcript/segments/0/index', 'must be integer'],
    ['a number below', given({}, [{ ...segment, startMs: -1 }]), '/transcript/segments/0/startMs', 'must be >= 0'],
    ['an empty id', given({ callId: '' }), '/callId', 'must not have fewer than 1 characters'],
    ['a long id', given({ callId: 'x'.repeat(201) }), '/callId', 'must not have more than 200 characters'],
  ])('%s', (_name, data, pointer, message) => {
    expect(faultOf(schema, data)).toEqual({ pointer, message });
  });

  test.each([
    'yesterday',
    '2026-05-04',
    '2026-05-04T09:30:00', // no zone
    '2026-02-30T09:30:00Z',
    '2016-12-31T23:59:60Z', // a leap second: few readers can read it
    '2026-05-04T09:30:00+02:00[Europe/Paris]',
  ])('a time that not every reader can read: %s', (at) => {
    const message = 'must be a date and time with its zone, e.g. 2026-05-04T09:30:00Z';
    expect(faultOf(schema, given({ at }))).toEqual({ pointer: '/at', message });
  });
});

test.each(['2026-05-04T09:30:00Z', '2026-05-04t09:30:00.123456z', '2026-05-04T09:30:00-05:30'])(
  'a time that passes is one that Date.parse reads: %s',
  (at) => {
    expect(faultOf(schema, given({ at }))).toBeNull();
    expect(Date.parse(at)).not.toBeNaN();
  },
);

test('a name with a slash or a tilde is escaped in the pointer', () => {
  const odd = Shape({ 'a/b~c': Type.String() });
  expect(faultOf(odd, {})).toEqual({ pointer: '/a~1b~0c', message: 'is missing' });
  expect(faultOf(odd, { 'a/b~c': 1 })).toEqual({ pointer: '/a~1b~0c', message: 'must be string' });
});

test('of a value or null, the fault is the value’s', () => {
  const nullable = Shape({ score: Nullable(Score('')) });
  expect(faultOf(nullable, { score: null })).toBeNull();
  expect(faultOf(nullable, { score: 101 })).toEqual({ pointer: '/score', message: 'must be <= 100' });
});

test('fields that nobody knows are allowed', () => {
  expect(faultOf(schema, given({ addedByTheNextRelease: { x: 1 } }))).toBeNull();
});

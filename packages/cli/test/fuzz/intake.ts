/** What strangers may write to an intake topic: a good event with one thing wrong, or odd, and what must become of it. */
import type { ForeignRecord } from '@coachloop/event-log/foreign';
import fc from 'fast-check';

/** `refused`: by the broker. `handled`: like any other event. `either`: handled or a letter, but never a standstill. */
export type Fate = 'letter' | 'handled' | 'either' | 'refused';

export interface Odd {
  readonly name: string;
  readonly fate: Fate;
  readonly record: ForeignRecord;
}

export type Headers = Record<string, string | Buffer | (string | Buffer)[]>;

/** What an event is made of before it becomes a record. */
export interface Parts {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly headers: Headers;
  readonly data: Record<string, unknown>;
}

interface Change {
  readonly fate: Fate;
  readonly headers?: Headers;
  readonly drop?: string;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly data?: Record<string, unknown>;
  /** Text instead of the closing brace of the data. */
  readonly tail?: string;
  readonly structured?: (event: Record<string, unknown>) => string;
}

const text = (value: string) => Buffer.from(value);
const notUtf8 = fc.constantFrom(Buffer.of(0xff), Buffer.of(0xc3, 0x28), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xf8));
const letter = (change: Omit<Change, 'fate'>): Change => ({ fate: 'letter', ...change });
const handled = (change: Omit<Change, 'fate'>): Change => ({ fate: 'handled', ...change });
const header = (name: string, values: readonly string[]) =>
  fc.constantFrom(...values).map((value) => letter({ headers: { [name]: value } }));
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const many = (count: number, name: (i: number) => string): Headers =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), `${i}`]));
const isJson = (value: string): boolean => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};

/** Each with a name that is printed when it goes wrong. */
const CHANGES: Readonly<Record<string, fc.Arbitrary<Change>>> = {
  'a header that must be there is missing': fc
    .constantFrom('ce_id', 'ce_source', 'ce_type', 'ce_specversion')
    .map((drop) => letter({ drop })),
  'no time': fc.constant(handled({ drop: 'ce_time' })),
  'another version of CloudEvents': header('ce_specversion', ['0.3', '2.0', '1', '', ' 1.0', '１.0']),
  'a header that is not UTF-8': fc
    .tuple(
      fc.constantFrom('ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject', 'ce_more', 'content-type'),
      notUtf8,
    )
    .map(([name, bytes]) => letter({ headers: { [name]: bytes } })),
  'a time that is none': header('ce_time', [
    'yesterday',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-05-04 09',
    '1717171717',
    '',
    '9999-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '+275760-09-13T00:00:01Z',
  ]),
  'a format other than JSON': fc
    .constantFrom('text/xml', 'application/avro', 'application/json; charset=utf-16', 'application/cloudevents+avro')
    .map((type) => letter({ headers: { 'content-type': type }, value: text('<event/>') })),
  'a type that is unknown': header('ce_type', [
    ...['call.queued.v2', 'Call.Queued', 'call.queued ', 'training.completed', '__proto__', 'constructor', 'toString'],
  ]),
  'an empty id, source or type': fc
    .constantFrom('ce_id', 'ce_source', 'ce_type')
    .map((name) => letter({ headers: { [name]: '' } })),
  'no value, or an empty one': fc.constantFrom(null, Buffer.of()).map((value) => letter({ value })),
  'what is not JSON': fc
    .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('{', '{"a":}', 'NaN', "{'a':1}", '\u0000'))
    .filter((value) => !isJson(value))
    .map((value) => letter({ value: text(value) })),
  'JSON that is no object': fc
    .constantFrom('null', '7', '"text"', '[]', 'true', '{}')
    .map((value) => letter({ value: text(value) })),
  'bytes of any kind': fc
    .tuple(fc.uint8Array({ maxLength: 60 }), notUtf8)
    .map(([bytes, bad]) => letter({ value: Buffer.concat([bytes, bad]) })),
  'JSON that is nested too deep': fc
    .integer({ min: 65, max: 20_000 })
    .map((n) => letter({ tail: `,"x":${nested(n)}}` })),
  'JSON that is nested': fc.integer({ min: 1, max: 40 }).map((n) => handled({ tail: `,"x":${nested(n)}}` })),
  'a number out of range': fc
    .constantFrom('1e400', '-1e999', `1${'0'.repeat(400)}`)
    .map((number) => letter({ tail: `,"x":${number}}` })),
  'half a surrogate pair, U+0000 in a name': fc
    .constantFrom(',"x":"\\ud800"}', ',"x":{"y":["\\udfff"]}}', ',"a\\u0000b":1}')
    .map((tail) => letter({ tail })),
  'names of what every object has': fc
    .constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '$where', 'a.b')
    .map((name) => handled({ tail: `,${JSON.stringify(name)}:{"polluted":true}}` })),
  'a field of another type': fc
    .constantFrom({ callId: 7 }, { callId: '' }, { callId: 'x'.repeat(5_000) }, { callId: null }, { startedAt: 'soon' })
    .map((data) => letter({ data })),
  'a time of the call that is no time': fc
    .constantFrom('2026-02-30T00:00:00Z', '', '12:00', 'Mon, 04 May 2026')
    .map((startedAt) => letter({ data: { startedAt } })),
  'a key of its own kind': fc
    .oneof(
      fc.constantFrom(null, Buffer.of(), Buffer.of(0xff, 0xfe), Buffer.alloc(3_000, 'k')),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    )
    .map((key) => handled({ key })),
  'an odd event under a key as long as a page': fc.constant(
    letter({ value: text('{'), key: Buffer.alloc(3_000, 'k') }),
  ),
  'headers by the hundred': fc
    .integer({ min: 100, max: 900 })
    .map((n) => handled({ headers: many(n, (i) => `x-${i}`) })),
  'attributes by the hundred': fc
    .integer({ min: 65, max: 400 })
    .map((n) => letter({ headers: many(n, (i) => `ce_x${i}`) })),
  'a header twice': fc.constant(
    handled({ headers: { 'x-twice': ['a', 'b'], ce_type: ['call.ended', 'call.queued'] } }),
  ),
  'headers with the names of what every object has': fc
    .constantFrom('__proto__', 'constructor', 'toString')
    .map((name) => handled({ headers: Object.fromEntries([[name, 'x']]) })),
  'headers that claim to be ours': fc
    .constantFrom('7', '-1', 'NaN', '9007199254740993', '')
    .map((seq) => ({ fate: 'either', headers: { ce_stream: 's', ce_seq: seq, ce_born: '1' } })),
  'data by a reference': fc
    .constantFrom('https://example.com/x', `sha256:${'0'.repeat(64)}`)
    .map((ref) => ({ fate: 'either', headers: { ce_dataref: ref }, value: null })),
  'structured mode': fc.constant(handled({ structured: (event) => JSON.stringify(event) })),
  'structured mode, broken': fc
    .constantFrom<(event: Record<string, unknown>) => string>(
      (event) => JSON.stringify([event]),
      (event) => JSON.stringify({ ...event, id: undefined }),
      (event) => JSON.stringify({ ...event, specversion: 1 }),
      (event) => JSON.stringify({ ...event, data: undefined, data_base64: '%%%' }),
      (event) => JSON.stringify(event).slice(0, -3),
      () => '',
    )
    .map((structured) => letter({ structured })),
  'nearly as large as a broker takes': fc
    .integer({ min: 300_000, max: 900_000 })
    .map((n) => handled({ data: { more: 'm'.repeat(n) } })),
  'larger than a broker takes': fc
    .integer({ min: 1_100_000, max: 1_600_000 })
    .map((n) => ({ fate: 'refused', data: { more: 'm'.repeat(n) } })),
};

/** One thing wrong, or odd, of each kind in turn, so that a short run has them all. */
export const changesOf = (count: number): fc.Arbitrary<readonly (readonly [string, Change])[]> => {
  const kinds = Object.entries(CHANGES);
  const one = (i: number) => {
    const [name, arbitrary] = kinds[i % kinds.length] as [string, fc.Arbitrary<Change>]; // within bounds
    return arbitrary.map((change) => [name, change] as const);
  };
  return fc.tuple(...Array.from({ length: count }, (_, i) => one(i)));
};

export function changed(parts: Parts, [name, change]: readonly [string, Change]): Odd {
  const { topic, headers: own, data } = parts;
  const { fate, drop = '', key = parts.key } = change;
  const { [drop]: _, ...kept } = { ...own, ...change.headers };
  const content = JSON.stringify({ ...data, ...change.data });
  const body = change.tail === undefined ? content : content.slice(0, -1) + change.tail;
  const { structured } = change;
  if (!structured) {
    const value = change.value === undefined ? text(body) : change.value;
    return { name, fate, record: { topic, key, headers: kept, value } };
  }
  const attributes = Object.entries(own).map(([header, value]) => [header.replace('ce_', ''), value] as const);
  const event = Object.fromEntries([...attributes.filter(([header]) => header !== 'content-type'), ['data', data]]);
  const headers = { 'content-type': 'application/cloudevents+json' };
  return { name, fate, record: { topic, key, headers, value: text(structured(event)) } };
}

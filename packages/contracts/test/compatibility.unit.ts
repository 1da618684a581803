import { type TSchema, Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { breakingChanges, currentRelease, type Release, type ReleasedTopic } from '../src/compatibility.ts';
import { toJsonSchema } from '../src/json-schema.ts';
import { maybe, Nullable, Shape } from '../src/schema.ts';

const topic = (schema: TSchema, more: Partial<ReleasedTopic> = {}): ReleasedTopic => ({
  kind: 'public',
  owner: 'a',
  key: 'agent id',
  partitions: 12,
  events: { 'x.happened': toJsonSchema(schema) },
  ...more,
});
const release = (topics: Record<string, ReleasedTopic>): Release => ({ version: '1.0.0', topics });
const found = (before: ReleasedTopic, after: ReleasedTopic) =>
  breakingChanges(release({ t: before }), release({ t: after })).map(({ kind, pointer }) =>
    `${kind} ${pointer ?? ''}`.trim(),
  );
/** Findings on a public topic, and on an intake topic. */
const both = (before: TSchema, after: TSchema) => ({
  public: found(topic(before), topic(after)),
  intake: found(topic(before, { kind: 'intake' }), topic(after, { kind: 'intake' })),
});

const text = Shape({ a: Type.String() });

describe('the table of topics', () => {
  test.each<[string, Partial<ReleasedTopic>, string]>([
    ['owner-changed', { owner: 'b' }, 'owner-changed'],
    ['another key', { key: 'call id' }, 'key-changed'],
    ['another key of one type', { keyOf: { 'x.happened': 'call id' } }, 'key-changed'],
    ['partitions', { partitions: 24 }, 'partitions-changed'],
    ['public to intake', { kind: 'intake' }, 'topic-kind-changed'],
    ['a type removed', { events: {} }, 'type-removed'],
  ])('%s breaks', (_name, change, expected) => {
    expect(found(topic(text), topic(text, change))).toEqual([expected]);
  });

  test('a removed topic breaks; a new topic and a new type do not', () => {
    expect(breakingChanges(release({ t: topic(text) }), release({}))).toMatchObject([
      { kind: 'topic-removed', topic: 't' },
    ]);
    const more = topic(text, { events: { ...topic(text).events, 'y.happened': toJsonSchema(text) } });
    expect(breakingChanges(release({ t: topic(text) }), release({ t: more, u: topic(text) }))).toEqual([]);
  });
});

describe('properties', () => {
  test('a new optional one, and new words for people, break nobody', () => {
    const after = Shape({ a: Type.String({ description: 'new words' }), b: maybe(Type.Number()) }, 'new words');
    expect(both(text, after)).toEqual({ public: [], intake: [] });
  });

  test('removed, required or new and required', () => {
    const two = Shape({ a: Type.String(), b: maybe(Type.Number()) });
    expect(both(two, text)).toEqual({ public: ['property-removed /b'], intake: ['property-removed /b'] });
    const required = Shape({ a: Type.String(), b: Type.Number() });
    expect(both(two, required)).toEqual({ public: ['property-required /b'], intake: ['property-required /b'] });
    expect(both(text, required)).toEqual({ public: ['property-required /b'], intake: ['property-required /b'] });
  });

  test('no longer required breaks readers, not producers', () => {
    expect(both(text, Shape({ a: maybe(Type.String()) }))).toEqual({ public: ['property-optional /a'], intake: [] });
  });

  test('within lists, records and alternatives they are found too', () => {
    const wrap = (inner: TSchema) =>
      Shape({ list: Type.Array(inner), map: Type.Record(Type.String(), inner), 'or/null': Nullable(inner) });
    const inner = Shape({ a: Type.String(), b: maybe(Type.String()) });
    expect(both(wrap(inner), wrap(text)).intake).toEqual([
      'property-removed /list/<item>/b',
      'property-removed /map/<name>/b',
      'property-removed /or~1null/b',
    ]);
    expect(both(wrap(text), wrap(Shape({ a: Type.Number() }))).intake).toEqual([
      'narrowed /list/<item>/a',
      'narrowed /map/<name>/a',
      'narrowed /or~1null/a',
    ]);
  });
});

describe('values', () => {
  const narrower: [string, TSchema, TSchema][] = [
    ['type', Type.Number(), Type.Integer()],
    ['enum', Type.Enum(['a', 'b']), Type.Enum(['a'])],
    ['enum for any text', Type.String(), Type.Enum(['a'])],
    ['enum to const', Type.Enum(['a', 'b']), Type.Literal('a')],
    ['null taken away', Nullable(Type.String()), Type.String()],
    ['maximum', Type.Number({ maximum: 10 }), Type.Number({ maximum: 9 })],
    ['a new maximum', Type.Number(), Type.Number({ maximum: 9 })],
    ['minimum', Type.Number({ minimum: 1 }), Type.Number({ minimum: 2 })],
    ['maxLength', Type.String({ maxLength: 9 }), Type.String({ maxLength: 8 })],
    ['minLength', Type.String(), Type.String({ minLength: 1 })],
    ['maxItems', Type.Array(Type.String()), Type.Array(Type.String(), { maxItems: 9 })],
    ['minItems', Type.Array(Type.String()), Type.Array(Type.String(), { minItems: 1 })],
    ['pattern', Type.String(), Type.String({ pattern: '^a' })],
    ['format', Type.String(), Type.String({ format: 'date-time' })],
    ['items', Type.Array(Type.Number()), Type.Array(Type.Integer())],
    ['a schema for anything', Type.Unknown(), Type.String()],
    ['a closed object', Shape({}), Type.Object({}, { additionalProperties: false })],
  ];
  test.each(narrower)('%s: narrower breaks both; wider breaks readers only', (_name, wide, narrow) => {
    const at = (schema: TSchema) => Shape({ v: schema });
    const kinds = ({ public: p, intake }: ReturnType<typeof both>) =>
      [p, intake].map((list) => list.map((f) => f.split(' ')[0]));
    expect(kinds(both(at(wide), at(narrow)))).toEqual([['narrowed'], ['narrowed']]);
    expect(kinds(both(at(narrow), at(wide)))).toEqual([['widened'], []]);
  });

  const changed: [string, TSchema, TSchema][] = [
    ['type', Type.String(), Type.Number()],
    ['const', Type.Literal('1.0'), Type.Literal('1.1')],
    ['pattern', Type.String({ pattern: '^a' }), Type.String({ pattern: '^b' })],
    ['format', Type.String({ format: 'date-time' }), Type.String({ format: 'date' })],
    ['what cannot be compared', Type.String({ not: { const: 'a' } }), Type.String({ not: { const: 'b' } })],
  ];
  test.each(changed)('another %s breaks both', (_name, before, after) => {
    const { public: p, intake } = both(Shape({ v: before }), Shape({ v: after }));
    expect(intake).toEqual(['narrowed /v']);
    expect(p).toEqual(['narrowed /v', 'widened /v']);
  });

  test('one alternative more or less, and alternatives in another order', () => {
    const or = (...schemas: TSchema[]) => Shape({ v: Type.Union(schemas) });
    const [a, b, c] = [Type.String(), Type.Number(), Type.Null()];
    expect(both(or(a, b), or(b, a))).toEqual({ public: [], intake: [] });
    expect(both(or(a, b), or(a, b, c))).toEqual({ public: ['widened /v'], intake: [] });
    expect(both(or(a, b, c), or(a, b))).toEqual({ public: ['narrowed /v'], intake: ['narrowed /v'] });
  });
});

test('the present contracts are compatible with themselves', () => {
  const now = currentRelease('0.0.0');
  expect(breakingChanges(now, JSON.parse(JSON.stringify(now)) as Release)).toEqual([]);
});

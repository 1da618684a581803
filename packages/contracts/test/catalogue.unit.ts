import { describe, expect, test } from 'vitest';
import { deadLetterExamples, EXAMPLES } from '../src/examples.ts';
import {
  CASE_STAGES,
  DeadLetterEvents,
  faultOf,
  OPEN_STAGES,
  PUBLIC_TOPICS,
  RetryEvents,
  SERVICES,
  schemaOf,
  TOPIC_OF_TYPE,
  TOPICS,
  type TopicEntry,
} from '../src/index.ts';

const entries: readonly TopicEntry[] = Object.values(TOPICS);
const types = entries.flatMap((entry) => Object.keys(entry.events).map((type) => [entry.name, type] as const));

test.each(types)('%s: %s has an example, and it is valid', (topic, type) => {
  const examples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = EXAMPLES;
  expect(Object.keys(examples[topic] ?? {})).toContain(type);
  expect(faultOf(schemaOf(topic, type) ?? {}, examples[topic]?.[type])).toBeNull();
});

test('no example is left of a type that is gone', () => {
  const known = types.map(([topic, type]) => `${topic} ${type}`);
  const given = Object.entries(EXAMPLES).flatMap(([topic, of]) => Object.keys(of).map((type) => `${topic} ${type}`));
  expect(given.toSorted()).toEqual(known.toSorted());
});

test('the examples of dead letters are valid', () => {
  const events = { ...DeadLetterEvents, ...RetryEvents };
  for (const [type, schema] of Object.entries(events))
    expect(faultOf(schema, deadLetterExamples[type as keyof typeof events])).toBeNull();
  expect(Object.keys(deadLetterExamples).toSorted()).toEqual(Object.keys(events).toSorted());
});

describe('the table of topics', () => {
  test('a public type is on one topic, which one of our services writes', () => {
    const all = PUBLIC_TOPICS.flatMap((topic) => Object.keys(TOPICS[topic].events));
    expect(new Set(all).size).toBe(all.length);
    for (const topic of PUBLIC_TOPICS) expect(SERVICES).toContain(TOPICS[topic].owner);
    for (const type of all) expect(schemaOf(TOPIC_OF_TYPE[type] ?? '', type)).toBeDefined();
  });

  test('an intake topic has a reader and no owner', () => {
    for (const entry of entries.filter(({ kind }) => kind === 'intake')) {
      expect(entry.owner).toBeNull();
      expect(SERVICES).toContain(entry.reader);
    }
  });

  test.each(['constructor', '__proto__', 'toString', 'no.such.type'])('%s is unknown', (name) => {
    expect(TOPIC_OF_TYPE[name]).toBeUndefined();
    expect(schemaOf('call-events', name)).toBeUndefined();
    expect(schemaOf(name, 'call.ended')).toBeUndefined();
  });

  test('names are what Kafka and CloudEvents allow', () => {
    for (const [topic, type] of types) {
      expect(topic).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(type).toMatch(/^[a-z]+([.-][a-z]+)*$/);
    }
  });
});

test('every open stage is a stage', () => {
  expect(CASE_STAGES).toEqual(expect.arrayContaining([...OPEN_STAGES]));
});

/**
 * Whether the present contracts may follow released ones.
 *
 * Public topics are read by strangers and replayed from the beginning, so both directions count: old readers check new events
 * (nothing may get wider) and new readers check old ones (nothing may get narrower). What may change: new topics, new types, new
 * optional properties, words for people. A vocabulary that shall grow is a text whose description lists the words, not an enum.
 * Intake topics are only written by strangers: nothing may get narrower there, widening is free.
 */
import { PARTITIONS, TOPICS, type TopicEntry } from './catalogue.ts';
import { type JsonSchema, toJsonSchema } from './json-schema.ts';
import { removedProperties, schemaGaps } from './schema-gaps.ts';

export interface ReleasedTopic {
  readonly kind: 'public' | 'intake';
  readonly owner: string | null;
  readonly key: string;
  readonly keyOf?: Readonly<Record<string, string>>;
  readonly partitions: number;
  readonly events: Readonly<Record<string, JsonSchema>>;
}

/** A file in `released/`. */
export interface Release {
  readonly version: string;
  readonly topics: Readonly<Record<string, ReleasedTopic>>;
}

export type BreakingKind =
  | 'topic-removed'
  | 'topic-kind-changed'
  | 'owner-changed'
  | 'key-changed'
  | 'partitions-changed'
  | 'type-removed'
  | 'property-removed'
  | 'property-required'
  | 'property-optional'
  | 'narrowed'
  | 'widened';

export interface Breaking {
  readonly kind: BreakingKind;
  readonly topic: string;
  readonly type?: string;
  /** Into the schema of the data: `/transcript/segments/<item>/text`. */
  readonly pointer?: string;
  readonly message: string;
}

/** The contracts as they are now, as plain JSON. */
export const currentRelease = (version: string): Release => ({
  version,
  topics: Object.fromEntries(Object.values(TOPICS).map((entry: TopicEntry) => [entry.name, releasedTopic(entry)])),
});

const releasedTopic = (entry: TopicEntry): ReleasedTopic => ({
  kind: entry.kind,
  owner: entry.owner,
  key: entry.key,
  ...(entry.keyOf ? { keyOf: entry.keyOf } : {}),
  partitions: PARTITIONS,
  events: Object.fromEntries(Object.entries(entry.events).map(([type, schema]) => [type, toJsonSchema(schema)])),
});

/** Everything in `next` that breaks somebody who relies on `released`; empty: it may follow. */
export const breakingChanges = (released: Release, next: Release): readonly Breaking[] =>
  Object.entries(released.topics).flatMap(([topic, before]) => {
    const after = next.topics[topic];
    return after
      ? [...topicChanges(topic, before, after), ...typeChanges(topic, before, after)]
      : [{ kind: 'topic-removed', topic, message: 'was removed' }];
  });

function topicChanges(topic: string, before: ReleasedTopic, after: ReleasedTopic): readonly Breaking[] {
  const changed = (kind: BreakingKind, what: string, from: unknown, to: unknown): readonly Breaking[] =>
    from === to ? [] : [{ kind, topic, message: `${what} was ${String(from)} and is ${String(to)}` }];
  return [
    ...changed('topic-kind-changed', 'kind', before.kind, after.kind),
    ...changed('owner-changed', 'owner', before.owner, after.owner),
    ...changed('partitions-changed', 'number of partitions', before.partitions, after.partitions),
    ...Object.keys(before.events).flatMap((type) =>
      changed('key-changed', `key of ${type}`, keyOf(before, type), keyOf(after, type)),
    ),
  ];
}

const keyOf = (topic: ReleasedTopic, type: string): string => topic.keyOf?.[type] ?? topic.key;

function typeChanges(topic: string, before: ReleasedTopic, after: ReleasedTopic): readonly Breaking[] {
  return Object.entries(before.events).flatMap(([type, old]): readonly Breaking[] => {
    const now = after.events[type];
    if (now === undefined) return [{ kind: 'type-removed', topic, type, message: 'was removed' }];
    const narrower = schemaGaps(old, now).map((gap) => ({
      kind: gap.keyword === 'required' ? ('property-required' as const) : ('narrowed' as const),
      message: `what was valid may not be any more: ${gap.message}`,
      pointer: gap.pointer,
    }));
    const wider = schemaGaps(now, old).map((gap) => ({
      kind: gap.keyword === 'required' ? ('property-optional' as const) : ('widened' as const),
      message: `old readers may refuse what is valid now: ${gap.message}`,
      pointer: gap.pointer,
    }));
    const removed = removedProperties(old, now).map((pointer) => ({
      kind: 'property-removed' as const,
      message: 'was removed',
      pointer,
    }));
    const found = before.kind === 'public' ? [...removed, ...narrower, ...wider] : [...removed, ...narrower];
    return found.map((one) => ({ topic, type, ...one }));
  });
}

/**
 * The document of an aggregate: its state, what it has handled (inbox), what it still has to say (outbox), its number, its
 * timer. One guarded write moves all of it; that is the only transaction there is.
 */
import type { CollectionSpec, IndexSpec, JsonObject, StoredDocument } from '@coachloop/document-store';
import type { Aggregate, State } from './definition.ts';
import { RuntimeError } from './errors.ts';

/** What was handled of one stream: everything up to `seq`, but for the open dead letters in `holes`. */
export interface InboxEntry {
  readonly stream: string;
  readonly seq: number;
  /** When the stream's source was created; only decides which entry is spilled first and how often one looks up. */
  readonly born: number;
  readonly holes: readonly number[];
  /** Foreign events only: a short hash of the content, so that an id that is used twice is noticed. */
  readonly hash?: string;
  /** Parked because nobody could tell whether it was handled; nor can anybody of what follows it. */
  readonly tooOld?: true;
}

/** An event that is to be published; `n` is its number among all outputs of this document. */
export interface OutboxEntry {
  readonly n: number;
  readonly topic: string;
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly time: number;
  readonly subject?: string;
  readonly traceparent?: string;
  /** `sha256:<hex>`; then `data` is null and the payload is in the collection `payloads`. */
  readonly dataref?: string;
  readonly data: unknown;
}

export interface KeyEntry {
  readonly key: string;
  readonly hash: string;
  readonly reply?: unknown;
}

export interface Body {
  /** Version of the shape of `state`. */
  readonly schema: number;
  /** When this document was created, ms; constant, also over deletion. */
  readonly born: number;
  /** Null: deleted. Number, inbox and keys stay as a tombstone, so that a document made again goes on counting. */
  readonly state: State | null;
  /** Number of the last output. */
  readonly n: number;
  readonly inbox: readonly InboxEntry[];
  /** Highest `born` that was ever evicted from the inbox: a stream that is younger cannot have been spilled. */
  readonly floor: number;
  readonly outbox: readonly OutboxEntry[];
  /** Wall-clock ms since when something has been waiting in the outbox; the sweeper looks for it. */
  readonly outboxSince: number | null;
  /** How often a timer was set; names the timer that is set now. */
  readonly wakeN: number;
  readonly keys: readonly KeyEntry[];
  /** `traceparent` of the message that made this document, where it is about one matter. */
  readonly trace?: string;
  /** How many dead letters are open; null: none. Indexed. */
  readonly holes: number | null;
}

export interface Document {
  readonly id: string;
  readonly version: number;
  readonly wakeAt: number | null;
  readonly lane: string | null;
  readonly body: Body;
}

/** Bounds of every document. */
export const DOCUMENT_BOUNDS = {
  inbox_hot_max: 64,
  holes_max: 32,
  keys_max: 64,
  /** A payload above this travels by reference. */
  payload_bytes_max: 256 * 1024,
  /** The largest payload there is. As a string within a stored document it may take twice as many bytes. */
  reference_bytes_max: 4_000_000,
} as const;

export const OUTBOX_INDEX = 'outbox-since';
export const HOLES_INDEX = 'open-dead-letters';
/** Spilled inbox entries of all aggregates. */
export const INBOX_COLLECTION = 'inbox';
export const PAYLOAD_COLLECTION = 'payloads';

const KERNEL_INDEXES: readonly IndexSpec[] = [
  { name: OUTBOX_INDEX, fields: ['outboxSince'] },
  { name: HOLES_INDEX, fields: ['holes'] },
];

const collectionSpec = (aggregate: Aggregate<never>): CollectionSpec => ({
  name: aggregate.collection,
  indexes: [...KERNEL_INDEXES, ...(aggregate.indexes ?? [])],
});

/** All collections that a service writes, the kernel's own included. */
export const collectionsOf = (aggregates: Iterable<Aggregate<never>>): readonly CollectionSpec[] => [
  ...[...aggregates].map(collectionSpec),
  { name: PAYLOAD_COLLECTION, indexes: [] },
  { name: INBOX_COLLECTION, indexes: [], marks: true },
];

export const newDocument = (aggregate: Aggregate<never>, id: string, now: number, lane: string): Document => ({
  id,
  version: 0,
  wakeAt: null,
  lane,
  body: {
    schema: aggregate.schema,
    born: now,
    state: null,
    n: 0,
    inbox: [],
    floor: Number.MIN_SAFE_INTEGER,
    outbox: [],
    outboxSince: null,
    wakeN: 0,
    keys: [],
    holes: null,
  },
});

/** Reads a stored document through the upcasts. Fields that this release does not know are kept. */
export function readDocument(aggregate: Aggregate<never>, stored: StoredDocument): Document {
  const body = stored.body as unknown as Body;
  let { schema, state } = body;
  while (schema < aggregate.schema && state !== null) {
    const upcast = aggregate.upcasts?.[schema];
    if (!upcast) throw unknownSchema(aggregate, stored.id, schema);
    state = upcast(state as JsonObject);
    schema += 1;
  }
  // Release N reads what N+1 writes: a newer schema with the fields of the older one is read as it is, and stays marked.
  if (schema > aggregate.schema + 1) throw unknownSchema(aggregate, stored.id, schema);
  return { ...stored, body: { ...body, schema: Math.max(schema, aggregate.schema), state } };
}

const unknownSchema = (aggregate: Aggregate<never>, id: string, schema: number) =>
  new RuntimeError(
    'RUNTIME_SCHEMA_UNKNOWN',
    `${aggregate.collection}/${id} has schema ${schema}; this release knows ${aggregate.schema}.`,
  );

export const toStored = (document: Document): StoredDocument => ({
  id: document.id,
  version: document.version,
  wakeAt: document.wakeAt,
  lane: document.lane,
  body: document.body as unknown as JsonObject,
});

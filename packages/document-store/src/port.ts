/**
 * The document store: what the services need of MongoDB, and no more. The conformance suite in `test/conformance.ts` is
 * the definition of this port; every adapter passes it unchanged.
 *
 * A document is plain JSON data with a version. The only write is a guarded replace of one whole document; there is no
 * transaction over two. Many documents travel in one round trip, each with its own verdict.
 * Durability: what `save` called won survives kill -9 and, unless an adapter was told otherwise, power loss; `load`,
 * `query` and `due` read what is durable (on MongoDB: majority), or own writes that were called won.
 */
export interface DocumentStore {
  /** Declares collections and makes their indexes. Idempotent; new indexes may be added later. */
  declare(collections: readonly CollectionSpec[]): Promise<void>;

  /** The documents in the order of `ids`; undefined where there is none. One round trip. */
  load(collection: string, ids: readonly string[]): Promise<readonly (StoredDocument | undefined)[]>;

  /**
   * Writes many documents of one collection in one round trip, each guarded by the version it was loaded with
   * (`expectedVersion`; 0: it must not exist yet). `unknown` (timed out, unclear bulk result) is decided by loading again.
   * A write never throws for a lost guard; it throws `STORE_UNAVAILABLE` when nothing is known of any, and, before
   * writing anything, `STORE_DOCUMENT_TOO_LARGE` or `STORE_BATCH_TOO_LARGE`.
   */
  save(collection: string, writes: readonly Write[]): Promise<readonly Verdict[]>;

  /** A page of a declared index, ascending or descending by the index's fields, then id. Dotted paths reach inside. */
  query(collection: string, query: Query): Promise<Page>;

  /** Documents whose `wakeAt` is at or before `atMs`, earliest first; only those of `lanes` where given. */
  due(collection: string, atMs: number, limit: number, lanes?: readonly string[]): Promise<readonly StoredDocument[]>;

  /** Removes documents for good (no guard): for retention and tests. The kernel itself writes tombstones by `save`. */
  delete(collection: string, ids: readonly string[]): Promise<void>;

  /**
   * Raises marks: each id keeps the greatest `seq` it was ever given (MongoDB's `$max` with upsert). One round trip.
   * `expireAtMs` lets old marks go. This is the spilled part of inboxes.
   */
  raise(collection: string, marks: readonly Mark[]): Promise<void>;
  /** The marks of these ids; undefined where there is none. */
  marks(collection: string, ids: readonly string[]): Promise<readonly (Mark | undefined)[]>;
  /** Drops marks that expired before `nowMs`; returns how many. */
  expireMarks(collection: string, nowMs: number): Promise<number>;

  /** Every document of a collection, by id, in pages; for verify, digest and migration. */
  scan(collection: string, options?: { afterId?: string; limit?: number }): Promise<readonly StoredDocument[]>;
  /** Counts by a declared index, exactly. */
  count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number>;

  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
  /** A collection of marks (`raise`, `marks`), not of documents. */
  readonly marks?: boolean;
}

export interface IndexSpec {
  readonly name: string;
  /** Dotted paths of scalar fields, e.g. `state.agentId`. A document in which the first path is absent or null is left out. */
  readonly fields: readonly string[];
}

export interface StoredDocument {
  readonly id: string;
  /** Rises by one with each write; 0 is "not there". */
  readonly version: number;
  /** Ms since the epoch, or null: nothing to wake for. Indexed by every adapter together with `lane`. */
  readonly wakeAt: number | null;
  /** Which partition owns the timers of this document, e.g. `7`. Null where `wakeAt` always is. */
  readonly lane: string | null;
  /** Everything else. Fields that this release does not know are kept. */
  readonly body: JsonObject;
}

export interface Write {
  readonly expectedVersion: number;
  /** `document.version` must be `expectedVersion + 1`. */
  readonly document: StoredDocument;
}

export type Verdict = 'won' | 'lost' | 'unknown';

export interface Query {
  readonly index: string;
  /** Values for a prefix of the index's fields. */
  readonly equals?: readonly Scalar[];
  /** Bounds on the field after that prefix: `from` included, `to` excluded. */
  readonly range?: { readonly from?: Scalar; readonly to?: Scalar };
  readonly order?: 'asc' | 'desc';
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface Page {
  readonly documents: readonly StoredDocument[];
  readonly next?: string;
}

export interface Mark {
  readonly id: string;
  readonly seq: number;
  readonly expireAtMs: number;
}

export type Scalar = string | number | boolean;
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Bounds of every adapter. */
export const STORE_BOUNDS = {
  /** MongoDB's own bound is 16 MiB; we stay well below. */
  document_bytes_max: 8 * 1024 * 1024,
  save_documents_max: 2_000,
  load_ids_max: 10_000,
  query_limit_max: 1_000,
  id_bytes_max: 512,
} as const;

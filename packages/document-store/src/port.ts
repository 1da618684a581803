/**
 * The document store: what the services need of MongoDB, and no more. The conformance suite in `test/conformance.ts` is
 * the definition of this port; every adapter passes it unchanged.
 *
 * A document is plain JSON data with a version. The only write is a guarded replace of one whole document; there is no
 * transaction over two. Many documents travel in one round trip, each with its own verdict.
 * Durability: what `save` called won survives kill -9 and, unless an adapter was told otherwise, power loss; `load`,
 * `query` and `due` read what is durable (on MongoDB: majority), or own writes that were called won.
 * Errors are `StoreError`s; `errors.ts` lists every code, what kind it is (the caller's mistake, passing, fatal) and what to do.
 */
export interface DocumentStore {
  /**
   * Declares collections and makes their indexes, for documents that are already there too. Idempotent; new indexes may be
   * added later. An index keeps its fields for good: another list of fields takes another name. Collections must be
   * declared in each process before use.
   */
  declare(collections: readonly CollectionSpec[]): Promise<void>;

  /** The documents in the order of `ids`; undefined where there is none. One round trip. */
  load(collection: string, ids: readonly string[]): Promise<readonly (StoredDocument | undefined)[]>;

  /**
   * Writes many documents of one collection in one round trip, each guarded by the version it was loaded with
   * (`expectedVersion`; 0: it must not exist yet). `unknown` (timed out, unclear bulk result) is decided by loading again.
   * A write never throws for a lost guard; it throws `STORE_UNAVAILABLE` when nothing is known of any, and, before
   * writing anything, `STORE_DOCUMENT_TOO_LARGE`, `STORE_BATCH_TOO_LARGE` or `STORE_OVERLOADED`. No id twice in one save.
   */
  save(collection: string, writes: readonly Write[]): Promise<readonly Verdict[]>;

  /**
   * A page of a declared index, ascending or descending by the index's fields, then id. Order as MongoDB's: absent or null,
   * numbers, strings (by their UTF-8 bytes), false, true. Pages follow the position, not a count: a document that keeps its
   * values is seen exactly once, whatever is written meanwhile.
   */
  query(collection: string, query: Query): Promise<Page>;

  /** Documents whose `wakeAt` is at or before `atMs`, earliest first, then by id; only those of `lanes` where given. Limit: 1 to 1,000. */
  due(collection: string, atMs: number, limit: number, lanes?: readonly string[]): Promise<readonly StoredDocument[]>;

  /** Removes documents for good (no guard): for retention and tests. The kernel itself writes tombstones by `save`. */
  delete(collection: string, ids: readonly string[]): Promise<void>;

  /**
   * Raises marks: each id keeps the greatest `seq` it was ever given (MongoDB's `$max` with upsert), and the greatest
   * `expireAtMs`, which lets old marks go. One round trip. This is the spilled part of inboxes.
   */
  raise(collection: string, marks: readonly Mark[]): Promise<void>;
  /** The marks of these ids; undefined where there is none. */
  marks(collection: string, ids: readonly string[]): Promise<readonly (Mark | undefined)[]>;
  /** Drops marks whose `expireAtMs` is below `nowMs`; returns how many. */
  expireMarks(collection: string, nowMs: number): Promise<number>;

  /** Every document of a collection, by id, in pages of `limit` (default 100, at most 1,000); for verify, digest and migration. */
  scan(collection: string, options?: ScanOptions): Promise<readonly StoredDocument[]>;
  /** The same for a collection of marks. */
  scanMarks(collection: string, options?: ScanOptions): Promise<readonly Mark[]>;
  /** Counts all documents, or exactly those that a declared index finds. */
  count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number>;

  healthy(): Promise<boolean>;
  /** Finishes what is in hand. Every later call is answered with `STORE_CLOSED`; closing twice is fine. */
  close(): Promise<void>;
}

export interface ScanOptions {
  readonly afterId?: string;
  readonly limit?: number;
}

export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
  /** A collection of marks (`raise`, `marks`), not of documents. */
  readonly marks?: boolean;
}

export interface IndexSpec {
  readonly name: string;
  /**
   * Dotted paths of scalar fields of the body, e.g. `state.agentId`. A document in which the first path is absent or null is
   * left out. A list or an object at such a path is refused (`STORE_INDEX_VALUE_INVALID`). Lone surrogates count as U+FFFD.
   */
  readonly fields: readonly string[];
}

export interface StoredDocument {
  /** 1 to 512 bytes of UTF-8, without U+0000. */
  readonly id: string;
  /** Rises by one with each write; 0 is "not there". */
  readonly version: number;
  /** Ms since the epoch, or null: nothing to wake for. Indexed by every adapter together with `lane`. */
  readonly wakeAt: number | null;
  /** Which partition owns the timers of this document, e.g. `7`. Null where `wakeAt` always is. */
  readonly lane: string | null;
  /** Everything else: any JSON, given back exactly (any key, any string, lone surrogates too). Fields that this release does not know are kept. */
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
  /** Bounds on the field after that prefix: `from` included, `to` excluded; both of one type, and only values of that type match. */
  readonly range?: { readonly from?: Scalar; readonly to?: Scalar };
  readonly order?: 'asc' | 'desc';
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
  /** `next` of the page before, or a place of its own: `cursorAfter`. */
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
  /** Of the body as JSON text. MongoDB's own bound is 16 MiB; we stay well below. */
  document_bytes_max: 8 * 1024 * 1024,
  save_documents_max: 2_000,
  /** Of all bodies of one save, as JSON text (UTF-16 units). A document of the greatest size always fits. */
  save_characters_max: 64 * 1024 * 1024,
  /** Also of ids to delete, and of marks to raise or to look up. */
  load_ids_max: 10_000,
  /** Also of `due` and `scan`. */
  query_limit_max: 1_000,
  query_limit_default: 100,
  id_bytes_max: 512,
  indexes_max: 16,
  index_fields_max: 8,
} as const;

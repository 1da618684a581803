/**
 * The event log: what the services need of Kafka, and no more. The conformance suite in `test/conformance.ts` is the
 * definition of this port; every adapter passes it unchanged.
 *
 * Order: the records of one partition are delivered in offset order; there is no order between partitions. A record's
 * partition is `partitionOf(key, partitions)` (Kafka's murmur2), and the count of partitions of a topic never changes.
 * Delivery: at least once. Offsets say where reading begins, never what was handled.
 * Durability: what `append` resolved for survives kill -9 and, unless an adapter was told otherwise, power loss.
 */
export interface EventLog {
  /**
   * Makes the topics that are missing, and takes over a changed `retentionMs`. Throws `LOG_TOPIC_PARTITIONS_DIFFER` if one
   * exists with another count, `LOG_TOPIC_INVALID`.
   */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  topics(): Promise<readonly TopicSpec[]>;

  /**
   * Appends all records, over any number of topics, in one round trip. Order is kept within each key. Not atomic: when it
   * throws, any part may be in the log, so the caller appends all of it again. Throws before writing anything:
   * `LOG_BATCH_TOO_LARGE`, `LOG_RECORD_TOO_LARGE`, `LOG_RECORD_INVALID`, `LOG_TOPIC_UNKNOWN`, `LOG_OVERLOADED` (try again
   * later), `LOG_CLOSED`; and `LOG_UNAVAILABLE` when unsure. Where the file or disk fails: `LOG_DISK_FULL`,
   * `LOG_DISK_FAILED`, `LOG_CORRUPT`, from then on for every call. Buffers may be used again once it resolved.
   */
  append(records: readonly NewRecord[]): Promise<readonly Position[]>;

  /**
   * Joins a consumer group. Each partition of the topics is handed to one member of the group, from the group's committed
   * offset, or from the beginning (`from: 'start'`, the default) or the end (`'end'`, fixed by a commit when the group first
   * joins) where there is none. One batch of a partition is in flight at a time; batches of different partitions run side by
   * side. Throws `LOG_TOPIC_UNKNOWN`, `LOG_ACCESS_DENIED`.
   */
  consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer>;

  /**
   * Reads without a group: from positions (partitions not named: from the start), a time (ms), or the start, to the end seen
   * at the call, or for ever (`follow`, until `signal` is aborted). Each batch is of one partition. Whole or an error: throws
   * `LOG_OFFSET_OUT_OF_RANGE` where a position is not in the log or retention overtook it, `LOG_CLOSED` when closed midway.
   */
  scan(options: ScanOptions): AsyncIterable<readonly LogRecord[]>;

  /** First and next offset of each partition (`next` is the offset the next record will get). */
  watermarks(topics: readonly string[]): Promise<readonly Watermark[]>;
  /** Per partition, the offset of the first record appended at or after `timestampMs` (else the next offset). */
  offsetsAt(topics: readonly string[], timestampMs: number): Promise<readonly Position[]>;
  /** What a group has committed: the next offset to be read. Partitions without a commit are absent. */
  committed(group: string, topics?: readonly string[]): Promise<readonly Position[]>;
  /**
   * Sets a group's offsets, for a replay. Throws `LOG_GROUP_ACTIVE` while a member of the group is running (so does
   * `deleteGroup`), `LOG_OFFSET_OUT_OF_RANGE`.
   */
  resetOffsets(group: string, positions: readonly Position[]): Promise<void>;
  deleteGroup(group: string): Promise<void>;

  /**
   * Applies retention now: drops what is older than the topic keeps, never past `notBefore` (offsets that must stay). Memory
   * and embedded also spare what a group has not read; a group that will not come back has to be deleted.
   */
  retain(nowMs: number, notBefore?: readonly Position[]): Promise<void>;
  /** True when the log can be read and written, and its consumers get somewhere; used by readiness. */
  healthy(): Promise<boolean>;
  /** Why it is not healthy though it answers, for people; absent: nothing is known. */
  trouble?(): string | undefined;
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** How long records are kept, in ms; absent: for ever. */
  readonly retentionMs?: number;
}

export type Headers = Readonly<Record<string, Uint8Array>>;

export interface NewRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Headers;
  /** Null is a tombstone, as foreign producers may send it. */
  readonly value: Uint8Array | null;
  /** Time of appending, ms since the epoch; absent: the adapter's clock. */
  readonly timestampMs?: number;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** To be read only: its bytes may be views into memory that other records share. */
export interface LogRecord extends Position {
  /** Null only for records of foreign producers. */
  readonly key: string | null;
  readonly headers: Headers;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
}

export interface Watermark {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly next: number;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly from?: 'start' | 'end';
  /** Most records in one batch; default 500. */
  readonly maxBatchRecords?: number;
  /** Most bytes (values) in one batch; default 4 MiB. At least one record is always delivered. */
  readonly maxBatchBytes?: number;
}

export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** The partition's next offset when the batch was read: `highWatermark - last offset - 1` records are waiting. */
  readonly highWatermark: number;
}

export interface BatchContext {
  /** Aborted when the partition was taken away or the consumer stops; what is in hand may be finished, harmlessly. */
  readonly signal: AbortSignal;
  /** Tells the broker that this member lives; call it between slices of long work and between retries. */
  heartbeat(): Promise<void>;
  /** Commits the next offset to be read. Best effort once the partition was taken away. Throws `LOG_OFFSET_OUT_OF_RANGE`. */
  commit(nextOffset: number): Promise<void>;
}

/** Resolves when the batch is done with. A rejection makes the adapter wait and deliver again from the last commit. */
export type BatchHandler = (batch: Batch, context: BatchContext) => Promise<void>;

export interface Consumer {
  /** The partitions this member holds now. */
  assignment(): readonly { readonly topic: string; readonly partition: number }[];
  /** No new batches of these topics (all, if absent) until `resume`. */
  pause(topics?: readonly string[]): void;
  resume(topics?: readonly string[]): void;
  /** Waits for the batches in flight and leaves the group. Not to be awaited by a handler: it would wait for itself. */
  stop(): Promise<void>;
}

export interface ScanOptions {
  readonly topics: readonly string[];
  readonly from: 'start' | 'end' | { readonly timeMs: number } | readonly Position[];
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  readonly maxBatchRecords?: number;
}

/** Bounds of every adapter. */
export const LOG_BOUNDS = {
  record_bytes_max: 1_000_000,
  append_records_max: 10_000,
  append_bytes_max: 64 * 1024 * 1024,
  key_bytes_max: 1_024,
  headers_bytes_max: 16 * 1024,
  topic_name: /^[a-z0-9][a-z0-9._-]{0,99}$/,
  partitions_max: 256,
} as const;

import type { LogRecord, NewRecord, Position, TopicSpec } from '../port.ts';

/**
 * What an adapter has to bring: durable slices of partitions. Topics, offsets, groups, waiting and checking of input are
 * in `core` and shared. Reads are synchronous: both adapters answer from memory or the system's page cache.
 */
export interface Storage {
  /** What was there when it was opened. */
  load(): StoredState;
  /** Adds topics, or replaces the retention of those that are there; durable when it resolves. */
  saveTopics(topics: readonly StoredTopic[]): Promise<void>;
  /**
   * Writes all slices; durable when it resolves, in the order of the calls. Throws at once, having taken nothing, when the
   * queue is full or the storage has failed.
   */
  append(slices: readonly Slice[]): Promise<void>;
  /** Records from an offset on, within the limits but at least one if `from < end`. */
  read(partition: PartitionState, from: number, limits: ReadLimits): LogRecord[];
  /** A lower bound, as near as is cheap, of the offset of the first record with at least this time; `next` if there is none. */
  seek(partition: PartitionState, timestampMs: number): number;
  /** Drops what is before `first`; durable when it resolves. */
  trim(partition: PartitionState, first: number): Promise<void>;
  /** Keeps an offset of a group in the background: a hint that may be lost, but only together with later appends. */
  noteOffset(group: string, position: Position): void;
  /** Sets offsets of a group (all are removed first when `positions` is undefined); durable when it resolves. */
  saveOffsets(group: string, positions: readonly Position[] | undefined): Promise<void>;
  healthy(): boolean;
  close(): Promise<void>;
}

export interface ReadLimits {
  /** Exclusive. */
  readonly end: number;
  readonly records: number;
  readonly bytes: number;
}

export interface StoredTopic {
  readonly spec: TopicSpec;
  readonly partitions: readonly PartitionState[];
}

export interface StoredState {
  readonly topics: readonly StoredTopic[];
  readonly offsets: readonly { readonly group: string; readonly position: Position }[];
}

/** The records of one append that go to one partition. They get the offsets `base`, `base + 1`, … */
export interface Slice {
  readonly partition: PartitionState;
  readonly base: number;
  readonly records: NewRecord[];
  /** Bytes of keys, headers and values. */
  bytes: number;
  /** The time of records that bring none. */
  readonly nowMs: number;
}

/** One partition, as all parts of an open log see it. */
export class PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Number of the partition in the whole log, dense from 0. */
  readonly shard: number;
  first: number;
  /** What readers see: everything below it is durable. */
  next: number;
  /** The next offset to be given out; ahead of `next` while appends are under way. */
  reserved: number;
  readonly #listeners = new Set<() => void>();

  constructor(topic: string, partition: number, shard: number, first: number, next: number) {
    this.topic = topic;
    this.partition = partition;
    this.shard = shard;
    this.first = first;
    this.next = next;
    this.reserved = next;
  }

  advance(next: number): void {
    this.next = next;
    for (const listener of this.#listeners) listener();
  }

  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

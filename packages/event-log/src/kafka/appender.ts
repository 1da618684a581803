/** Appends: one request on its way at a time, and what waits meanwhile goes together in the next. */
import type { Message } from 'kafkajs';
import { assertCount, assertTotal, sizeOf } from '../core/bounds.ts';
import type { Clock } from '../core/scheduler.ts';
import { isLogError, LogError } from '../errors.ts';
import { partitionOf } from '../partition.ts';
import { LOG_BOUNDS, type NewRecord, type Position } from '../port.ts';
import { closedError, isOfOnePlace } from './failures.ts';
import { toMessage } from './records.ts';
import type { Sender, Sending } from './sender.ts';

/** A request holds one batch per partition, and brokers take 1,048,588 bytes of it; what our estimate leaves out is less. */
const PARTITION_BYTES_MAX = 1_040_000;
const RECORD_OVERHEAD_BYTES = 24;
const HEADER_OVERHEAD_BYTES = 6;
/** What may wait before an append is refused. */
const QUEUE_RECORDS_MAX = 100_000;
const QUEUE_BYTES_MAX = 2 * LOG_BOUNDS.append_bytes_max;
/** Appends go together up to here. */
const SEND_RECORDS_MAX = LOG_BOUNDS.append_records_max;

interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly message: Message;
  readonly bytes: number;
}

interface Waiting {
  readonly entries: readonly Entry[];
  readonly bytes: number;
  resolve(positions: readonly Position[]): void;
  reject(error: unknown): void;
}

export class Appender {
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #partitions: (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  #queue: Waiting[] = [];
  #queuedRecords = 0;
  #queuedBytes = 0;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(
    sender: Sender,
    clock: Clock,
    partitions: (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  ) {
    this.#sender = sender;
    this.#clock = clock;
    this.#partitions = partitions;
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (this.#closed) throw closedError();
    assertCount(records);
    let bytes = 0;
    for (const record of records) bytes += sizeOf(record);
    assertTotal(bytes);
    if (records.length === 0) return [];
    if (this.#queuedRecords > QUEUE_RECORDS_MAX || this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      throw new LogError('LOG_OVERLOADED', `${this.#queuedRecords} records wait to be sent to Kafka`);
    }
    const counts = await this.#partitions([...new Set(records.map(({ topic }) => topic))]);
    if (this.#closed) throw closedError();
    const entries = records.map((record) => entryOf(record, counts.get(record.topic) ?? 1, this.#clock.now()));
    return new Promise((resolve, reject) => {
      this.#queue.push({ entries, bytes, resolve, reject });
      this.#queuedRecords += entries.length;
      this.#queuedBytes += bytes;
      this.#working ??= this.#work();
    });
  }

  /** Sends what waits, then refuses. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#take();
      const sent = await this.#send(group.flatMap(({ entries }) => entries)).catch((error: unknown) => ({ error }));
      if (!('error' in sent)) settle(group, sent.positions);
      else if (group.length > 1 && isOfOnePlace(sent.error)) await this.#sendSingly(group);
      else for (const one of group) one.reject(sent.error);
    }
    this.#working = undefined;
  }

  /**
   * One that can never be sent must not take the others with it for ever. But each failure takes the time of all its tries: so
   * none to a place that just failed, and no more at all when it is the brokers that are away.
   */
  async #sendSingly(group: readonly Waiting[]): Promise<void> {
    const failed = new Map<string, unknown>();
    let away: unknown;
    for (const one of group) {
      const known = away ?? one.entries.map((entry) => failed.get(placeOf(entry))).find((error) => error !== undefined);
      if (known !== undefined) {
        one.reject(known);
        continue;
      }
      try {
        one.resolve((await this.#send(one.entries)).positions);
      } catch (error) {
        one.reject(error);
        if (!isOfOnePlace(error)) away = error;
        // A place is well where one record is too large for it, or one user may not write to it: others may pass.
        else if (isLogError(error, 'LOG_UNAVAILABLE'))
          for (const entry of one.entries) failed.set(placeOf(entry), error);
      }
    }
  }

  #take(): Waiting[] {
    let count = 0;
    let records = 0;
    let bytes = 0;
    for (const { entries, bytes: more } of this.#queue) {
      records += entries.length;
      bytes += more;
      if (count > 0 && (records > SEND_RECORDS_MAX || bytes > LOG_BOUNDS.append_bytes_max)) break;
      count += 1;
    }
    const group = this.#queue.splice(0, count);
    for (const { entries, bytes: less } of group) {
      this.#queuedRecords -= entries.length;
      this.#queuedBytes -= less;
    }
    return group;
  }

  /** All entries in order: one request, unless a partition's share is more than a broker takes at once. */
  async #send(entries: readonly Entry[]): Promise<{ positions: readonly Position[] }> {
    const positions: Position[] = [];
    for (let from = 0; from < entries.length; ) {
      const to = endOfRequest(entries, from);
      positions.push(...(await this.#request(entries.slice(from, to))));
      from = to;
    }
    return { positions };
  }

  async #request(entries: readonly Entry[]): Promise<Position[]> {
    const parts = new Map<string, Sending>();
    const places = entries.map(({ topic, partition, message }) => {
      const name = placeOf({ topic, partition });
      const part = parts.get(name) ?? { topic, partition, messages: [] };
      parts.set(name, part);
      return { topic, partition, name, index: part.messages.push(message) - 1 };
    });
    const bases = await this.#sender.send([...parts.values()]);
    return places.map(({ topic, partition, name, index }) => ({
      topic,
      partition,
      offset: (bases.get(name) ?? Number.NaN) + index, // send() answers for every partition, or throws
    }));
  }
}

const placeOf = ({ topic, partition }: Pick<Entry, 'topic' | 'partition'>) => `${topic}/${partition}`;

function entryOf(record: NewRecord, partitions: number, nowMs: number): Entry {
  const partition = partitionOf(record.key, partitions);
  const headers = Object.keys(record.headers).length;
  const bytes = sizeOf(record) + RECORD_OVERHEAD_BYTES + HEADER_OVERHEAD_BYTES * headers;
  return { topic: record.topic, partition, message: toMessage(record, partition, nowMs), bytes };
}

function endOfRequest(entries: readonly Entry[], from: number): number {
  const filled = new Map<string, number>();
  for (let at = from; at < entries.length; at++) {
    const entry = entries[at] as Entry; // within bounds
    const { bytes } = entry;
    const name = placeOf(entry);
    const share = (filled.get(name) ?? 0) + bytes;
    if (share > PARTITION_BYTES_MAX && filled.has(name)) return at;
    filled.set(name, share);
  }
  return entries.length;
}

function settle(group: readonly Waiting[], positions: readonly Position[]): void {
  let at = 0;
  for (const { entries, resolve } of group) {
    resolve(positions.slice(at, at + entries.length));
    at += entries.length;
  }
}

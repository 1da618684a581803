import { LogError } from '../errors.ts';
import type {
  BatchHandler,
  ConsumeOptions,
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  Position,
  ScanOptions,
  TopicSpec,
  Watermark,
} from '../port.ts';
import { assertInRange, Group } from './group.ts';
import { route } from './route.ts';
import { type Cursor, scanCursors } from './scan.ts';
import type { Clock, Scheduler } from './scheduler.ts';
import type { PartitionState, Storage } from './storage.ts';
import { Topics } from './topics.ts';

export interface LogPorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** The event log over a storage: what memory and embedded have in common. */
export class StorageLog implements EventLog {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #topics: Topics;
  readonly #groups = new Map<string, Group>();
  readonly #closed = new AbortController();
  #making: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ storage, clock, scheduler }: LogPorts) {
    this.#storage = storage;
    this.#clock = clock;
    this.#scheduler = scheduler;
    const state = storage.load();
    this.#topics = new Topics(state.topics);
    for (const { group, position } of state.offsets) {
      this.#group(group).restore(this.#topics.partition(position), position.offset);
    }
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    // One after the other: two calls that make the same topic must not both number its partitions.
    const made = this.#making.then(async () => {
      this.#assertOpen();
      const changed = this.#topics.plan(specs);
      if (changed.length > 0) await this.#storage.saveTopics(changed);
      this.#topics.put(changed);
    });
    this.#making = made.catch(() => undefined);
    await made;
  }

  async topics(): Promise<readonly TopicSpec[]> {
    this.#assertOpen();
    return this.#topics.specs();
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (this.#closed.signal.aborted) throw closedError();
    const { slices, positions } = route(records, (topic) => this.#topics.partitions(topic), this.#clock.now());
    if (slices.length === 0) return positions;
    const written = this.#storage.append(slices);
    for (const { partition, records } of slices) partition.reserved += records.length;
    await written;
    for (const { partition, base, records } of slices) partition.advance(base + records.length);
    return positions;
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer> {
    this.#assertOpen();
    const partitions = options.topics.flatMap((topic) => this.#topics.partitions(topic));
    return this.#group(options.group).join(options, handle, partitions);
  }

  scan(options: ScanOptions): AsyncIterable<readonly LogRecord[]> {
    this.#assertOpen();
    const partitions = options.topics.flatMap((topic) => this.#topics.partitions(topic));
    const cursors = partitions.map((partition) => this.#cursor(partition, options));
    return scanCursors(cursors, options, {
      storage: this.#storage,
      scheduler: this.#scheduler,
      closed: this.#closed.signal,
    });
  }

  async watermarks(topics: readonly string[]): Promise<readonly Watermark[]> {
    this.#assertOpen();
    const partitions = topics.flatMap((topic) => this.#topics.partitions(topic));
    return partitions.map(({ topic, partition, first, next }) => ({ topic, partition, first, next }));
  }

  async offsetsAt(topics: readonly string[], timestampMs: number): Promise<readonly Position[]> {
    this.#assertOpen();
    const partitions = topics.flatMap((topic) => this.#topics.partitions(topic));
    return partitions.map((state) => ({
      topic: state.topic,
      partition: state.partition,
      offset: this.#offsetAt(state, timestampMs),
    }));
  }

  async committed(group: string, topics?: readonly string[]): Promise<readonly Position[]> {
    this.#assertOpen();
    const positions = this.#groups.get(group)?.positions() ?? [];
    return topics === undefined ? positions : positions.filter((position) => topics.includes(position.topic));
  }

  async resetOffsets(group: string, positions: readonly Position[]): Promise<void> {
    this.#assertOpen();
    this.#assertIdle(group);
    for (const position of positions) assertInRange(this.#topics.partition(position), position.offset);
    for (const position of positions) this.#group(group).restore(this.#topics.partition(position), position.offset);
    await this.#storage.saveOffsets(group, positions);
  }

  async deleteGroup(group: string): Promise<void> {
    this.#assertOpen();
    this.#assertIdle(group);
    this.#groups.delete(group);
    await this.#storage.saveOffsets(group, undefined);
  }

  async retain(nowMs: number, notBefore: readonly Position[] = []): Promise<void> {
    this.#assertOpen();
    const kept = new Map(notBefore.map((position) => [this.#topics.partition(position), position.offset]));
    for (const { name, retentionMs } of this.#topics.specs()) {
      if (retentionMs === undefined) continue;
      for (const partition of this.#topics.partitions(name)) {
        const floors = [...this.#groups.values()].map((group) => group.floor(partition) ?? partition.next);
        const cut = Math.min(
          this.#offsetAt(partition, nowMs - retentionMs),
          kept.get(partition) ?? partition.next,
          ...floors,
        );
        if (cut <= partition.first) continue;
        partition.first = cut;
        await this.#storage.trim(partition, cut);
      }
    }
  }

  async healthy(): Promise<boolean> {
    return this.#closing === undefined && this.#storage.healthy();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Handlers in flight may still append and commit; only when they are done the log is shut. */
  async #close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.stop()));
    this.#closed.abort();
    await this.#storage.close();
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new Group(name, this.#storage, this.#scheduler);
      this.#groups.set(name, group);
    }
    return group;
  }

  #cursor(partition: PartitionState, { from, follow }: ScanOptions): Cursor {
    return {
      partition,
      position: this.#startOf(partition, from),
      end: follow ? Number.POSITIVE_INFINITY : partition.next,
    };
  }

  #startOf(partition: PartitionState, from: ScanOptions['from']): number {
    if (from === 'start') return partition.first;
    if (from === 'end') return partition.next;
    if ('timeMs' in from) return this.#offsetAt(partition, from.timeMs);
    const named = from.find(
      ({ topic, partition: number }) => topic === partition.topic && number === partition.partition,
    );
    if (named === undefined) return partition.first;
    assertInRange(partition, named.offset);
    return named.offset;
  }

  #offsetAt(partition: PartitionState, timestampMs: number): number {
    let offset = Math.max(partition.first, this.#storage.seek(partition, timestampMs));
    while (offset < partition.next) {
      const records = this.#storage.read(partition, offset, { end: partition.next, records: 500, bytes: 1 << 20 });
      const found = records.find((record) => record.timestampMs >= timestampMs);
      if (found !== undefined) return found.offset;
      offset += records.length;
    }
    return partition.next;
  }

  #assertIdle(group: string): void {
    if (!this.#groups.get(group)?.active) return;
    throw new LogError('LOG_GROUP_ACTIVE', `Group ${group} has running members`);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}

function closedError(): LogError {
  return new LogError('LOG_CLOSED', 'The log was closed');
}

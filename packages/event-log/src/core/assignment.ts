import type { BatchContext, BatchHandler, LogRecord } from '../port.ts';
import type { Scheduler } from './scheduler.ts';
import type { PartitionState, Storage } from './storage.ts';
import { Wakeup } from './wakeup.ts';

/** First and longest wait before a refused batch is delivered again. Long enough not to spin, short enough to be back soon. */
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 5_000;

/** What an assignment needs of its member and group. */
export interface AssignmentPorts {
  readonly storage: Storage;
  readonly scheduler: Scheduler;
  readonly handle: BatchHandler;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  paused(topic: string): boolean;
  /** The group's committed offset of the partition. */
  committed(): number | undefined;
  commit(nextOffset: number): void;
}

/** One partition in the hands of one member, until it is revoked: reads a batch, has it handled, goes on. */
export class Assignment {
  readonly partition: PartitionState;
  /** Settled when nothing of this assignment runs any more; the next owner waits for it. Never rejects. */
  readonly done: Promise<void>;
  readonly #ports: AssignmentPorts;
  readonly #abort = new AbortController();
  readonly #wakeup = new Wakeup();
  readonly #context: BatchContext;
  #over = false;

  constructor(partition: PartitionState, ports: AssignmentPorts, previous: Promise<void> | undefined) {
    this.partition = partition;
    this.#ports = ports;
    this.#context = {
      signal: this.#abort.signal,
      heartbeat: () => ports.scheduler.yield(),
      commit: (nextOffset) => this.#commit(nextOffset),
    };
    this.done = this.#run(previous);
  }

  get revoked(): boolean {
    return this.#abort.signal.aborted;
  }

  revoke(): void {
    this.#abort.abort();
    this.#wakeup.ring();
  }

  /** Looks again whether there is something to do: after pause and resume. */
  wake(): void {
    this.#wakeup.ring();
  }

  async #run(previous: Promise<void> | undefined): Promise<void> {
    await previous;
    this.partition.listen(this.#wakeup.ring);
    try {
      await this.#deliver();
    } catch {
      // Only a read can fail here; the storage has reported it (`onFatal`, `healthy`), and delivers nothing any more.
    } finally {
      this.partition.unlisten(this.#wakeup.ring);
      this.#over = true;
    }
  }

  async #deliver(): Promise<void> {
    let position = this.#committed();
    let failures = 0;
    while (!this.revoked) {
      const records = this.#read(position);
      if (records.length === 0) {
        await this.#wakeup.next();
        // Who appended goes on first: the next append is under way while we read, and more of it comes in one batch.
        await this.#ports.scheduler.yield();
        continue;
      }
      if (await this.#handle(records)) {
        position = offsetAfter(records);
        failures = 0;
        await this.#ports.scheduler.yield();
      } else {
        await this.#ports.scheduler.sleep(Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** failures++), this.#abort.signal);
        position = this.#committed();
      }
    }
  }

  #committed(): number {
    return this.#ports.committed() ?? this.partition.first;
  }

  #read(position: number): LogRecord[] {
    const { partition } = this;
    if (this.#ports.paused(partition.topic)) return [];
    const limits = { end: partition.next, records: this.#ports.maxBatchRecords, bytes: this.#ports.maxBatchBytes };
    // Without a commit retention may have passed us: what it dropped cannot be read any more.
    return this.#ports.storage.read(partition, Math.max(position, partition.first), limits);
  }

  async #handle(records: LogRecord[]): Promise<boolean> {
    const { topic, partition, next } = this.partition;
    try {
      await this.#ports.handle({ topic, partition, records, highWatermark: next }, this.#context);
      return true;
    } catch {
      return false; // the handler reports its own errors; here a rejection means only "again, later"
    }
  }

  async #commit(nextOffset: number): Promise<void> {
    // A context that outlived its batch may belong to a former owner: its commit would pull the new one back.
    if (!this.#over) this.#ports.commit(nextOffset);
  }
}

function offsetAfter(records: LogRecord[]): number {
  return (records[records.length - 1]?.offset ?? -1) + 1;
}

/**
 * One partition in the hands of one member, for one generation of its group: takes what the library fetched, hands it to the
 * handler batch by batch, waits and reads again where the handler refuses. kafkajs fetches next only when every handler of a
 * fetch is back, and counts what they throw until it gives the whole consumer up; so handlers run here, beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Wakeup } from '../core/wakeup.ts';
import { LogError } from '../errors.ts';
import type { BatchContext, BatchHandler, LogRecord } from '../port.ts';

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 5_000;

export interface PumpPorts {
  readonly handle: BatchHandler;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** The consumer was told to pause this topic. */
  paused(): boolean;
  /** Reads on from this offset, and goes on fetching. */
  seek(offset: number): void;
  /** Whether the library should fetch more of this partition. */
  flow(on: boolean): void;
  /** False: the partition is held no more, and nothing was committed. */
  commit(offset: number): Promise<boolean>;
}

/** What was fetched at once. */
export interface Fetched {
  readonly records: readonly LogRecord[];
  /** Where the next fetch goes on: after the last record, or after what no consumer is shown (the marks of transactions). */
  readonly next: number;
  readonly highWatermark: number;
}

export class Pump {
  readonly topic: string;
  readonly partition: number;
  readonly #ports: PumpPorts;
  readonly #abort = new AbortController();
  readonly #wakeup = new Wakeup();
  readonly #finished = Promise.withResolvers<void>();
  #buffer: LogRecord[] = [];
  #bufferBytes = 0;
  #full = false;
  #highWatermark = 0;
  #expected: number | undefined;
  #committed = 0;
  #unseen: Unseen | undefined;

  constructor(topic: string, partition: number, ports: PumpPorts) {
    this.topic = topic;
    this.partition = partition;
    this.#ports = ports;
  }

  /** Settled when no handler of it runs any more. Never rejects. */
  get done(): Promise<void> {
    return this.#finished.promise;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The offset that is to come next; undefined until it began. */
  get expected(): number | undefined {
    return this.#expected;
  }

  /** The last commit that got through. */
  get committed(): number {
    return this.#committed;
  }

  /** It could use data: nothing is waiting, nothing holds it back. */
  get hungry(): boolean {
    if (this.#expected === undefined || this.signal.aborted) return false;
    return !this.#full && this.#buffer.length === 0 && !this.#ports.paused();
  }

  /** It has enough for now, and the library does not fetch for it. */
  get full(): boolean {
    return this.#full;
  }

  /** Begins to deliver, from this offset. */
  begin(offset: number): void {
    this.#expected = offset;
    this.#committed = offset;
    this.#ports.seek(offset);
    this.#ports.flow(true);
    void this.#run().finally(() => this.#finished.resolve());
  }

  /** Takes what begins with the expected offset; the library may fetch on from `next`. */
  receive({ records, next, highWatermark }: Fetched): void {
    // One by one: a packed fetch may hold more records than a call takes arguments.
    for (const record of records) {
      this.#buffer.push(record);
      this.#bufferBytes += record.value?.byteLength ?? 0;
    }
    const end = records.at(-1)?.offset ?? (this.#expected ?? next) - 1;
    const after = records.length === 0 && this.#unseen?.next === end + 1 ? this.#unseen.after : end + 1;
    this.#unseen = after < next ? { after, next } : undefined;
    this.#expected = next;
    this.#highWatermark = highWatermark;
    const { maxBatchRecords, maxBatchBytes } = this.#ports;
    // A batch may wait while another is handled: so the next fetch and the handler overlap.
    if (!this.#full && (this.#buffer.length >= maxBatchRecords || this.#bufferBytes >= maxBatchBytes)) {
      this.#full = true;
      this.#ports.flow(false);
    }
    this.#wakeup.ring();
  }

  /** Looks again whether there is something to do: after a resume. */
  wake(): void {
    this.#wakeup.ring();
  }

  /** The partition is taken away, or the consumer stops. */
  revoke(): void {
    this.#abort.abort();
    this.#wakeup.ring();
    if (this.#expected === undefined) this.#finished.resolve(); // it never began
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.signal.aborted) {
      if (this.#buffer.length === 0 || this.#ports.paused()) {
        const woken = this.#wakeup.next(); // before anything is awaited: what comes meanwhile must not go unnoticed
        await this.#stepOver();
        await woken;
        continue;
      }
      const records = this.#take();
      if (await this.#deliver(records)) {
        failures = 0;
      } else {
        await sleep(Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** failures++), undefined, { signal: this.signal }).catch(
          () => undefined,
        );
        this.#rewind();
      }
    }
  }

  #take(): LogRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.#ports;
    let count = 0;
    let bytes = 0;
    for (const { value } of this.#buffer) {
      const more = value?.byteLength ?? 0;
      if (count > 0 && (count === maxBatchRecords || bytes + more > maxBatchBytes)) break;
      count += 1;
      bytes += more;
    }
    const records = this.#buffer.splice(0, count);
    this.#bufferBytes -= bytes;
    if (this.#full && this.#buffer.length < maxBatchRecords / 2 && this.#bufferBytes < maxBatchBytes / 2) {
      this.#full = false;
      this.#ports.flow(true);
    }
    return records;
  }

  async #deliver(records: readonly LogRecord[]): Promise<boolean> {
    const { topic, partition } = this;
    const highWatermark = this.#highWatermark;
    const context: BatchContext = {
      signal: this.signal,
      heartbeat: () => new Promise((resolve) => setImmediate(resolve)), // the fetch loop, which needs a turn, sends them
      commit: (nextOffset) => this.#commit(nextOffset, highWatermark),
    };
    try {
      await this.#ports.handle({ topic, partition, records, highWatermark }, context);
      return true;
    } catch {
      return false; // the handler reports its own errors; here a rejection means only "again, later"
    }
  }

  async #commit(nextOffset: number, highWatermark: number): Promise<void> {
    if (!(Number.isSafeInteger(nextOffset) && nextOffset >= 0 && nextOffset <= highWatermark)) {
      const place = `${this.topic}/${this.partition}`;
      throw new LogError(
        'LOG_OFFSET_OUT_OF_RANGE',
        `Commit of offset ${nextOffset} of ${place}, which ends at ${highWatermark}`,
      );
    }
    if (await this.#ports.commit(nextOffset)) this.#committed = nextOffset;
  }

  /**
   * After the last record may come what no consumer is shown. Whoever compares commits with the end of the log (timers do)
   * would wait for ever for a group that does not step over it.
   */
  async #stepOver(): Promise<void> {
    const unseen = this.#unseen;
    if (unseen === undefined || unseen.after !== this.#committed || this.#buffer.length > 0) return;
    this.#unseen = undefined;
    await this.#ports.commit(unseen.next).then(
      (isDone) => {
        if (isDone) this.#committed = unseen.next;
      },
      () => undefined, // then it is read again, and again there is nothing
    );
  }

  /** Reads again from the last commit. */
  #rewind(): void {
    if (this.signal.aborted) return;
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#unseen = undefined;
    this.#expected = this.#committed;
    this.#ports.seek(this.#committed);
    this.#full = false;
    this.#ports.flow(true);
  }
}

/** Offsets from `after` to `next` that hold no records. */
interface Unseen {
  readonly after: number;
  readonly next: number;
}

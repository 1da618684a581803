/** A member of a group for as long as its user wants: sessions come and go, generations come and go, partitions are pumped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LogError } from '../errors.ts';
import type { BatchHandler, ConsumeOptions, Consumer, Position, Watermark } from '../port.ts';
import { isFinal, messageOf } from './failures.ts';
import type { Settings } from './options.ts';
import { Pump } from './pump.ts';
import { toRecord } from './records.ts';
import { type FetchedBatch, type Place, Session } from './session.ts';

const BATCH_RECORDS_DEFAULT = 500;
const BATCH_BYTES_DEFAULT = 4 * 1024 * 1024;
const REBUILD_MS_MIN = 100;
const REBUILD_MS_MAX = 5_000;
/** A session that lasted this long was well: the next one begins without a wait. */
const SESSION_MS_WELL = 60_000;

/** What a member asks the log itself. */
export interface ConsumerPorts {
  readonly settings: Settings;
  committed(group: string, topics: readonly string[]): Promise<readonly Position[]>;
  watermarks(topics: readonly string[]): Promise<readonly Watermark[]>;
  /** Records are gone that the group had not read. */
  lost(error: LogError): void;
}

const nameOf = ({ topic, partition }: Place) => `${topic}/${partition}`;

export class KafkaConsumer implements Consumer {
  readonly #options: ConsumeOptions;
  readonly #handle: BatchHandler;
  readonly #ports: ConsumerPorts;
  readonly #paused = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  /** What the present generation gave us: nobody else has it before the next one. */
  #held: ReadonlySet<string> = new Set();
  #pumps = new Map<string, Pump>();
  /** The last pump of each partition, until its handler is back: a new one waits for it. */
  readonly #leaving = new Map<string, Pump>();
  #session: Session | undefined;
  readonly #life: Promise<void>;
  #stopped: Promise<void> | undefined;

  constructor(options: ConsumeOptions, handle: BatchHandler, ports: ConsumerPorts) {
    this.#options = options;
    this.#handle = handle;
    this.#ports = ports;
    this.#life = this.#live();
  }

  /** Settled when the first generation's partitions were given a start. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  assignment(): readonly Place[] {
    return [...this.#pumps.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  pause(topics: readonly string[] = this.#options.topics): void {
    for (const topic of topics) this.#paused.add(topic);
  }

  resume(topics: readonly string[] = this.#options.topics): void {
    for (const topic of topics) this.#paused.delete(topic);
    for (const pump of this.#pumps.values()) pump.wake();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#revokeAll();
    // While a handler finishes, the session goes on: its heartbeats keep the member, its last commits get through.
    await Promise.all([...this.#leaving.values()].map((pump) => pump.done));
    this.#session?.end('it was told to stop');
    await this.#life;
    this.#joined.resolve();
  }

  async #live(): Promise<void> {
    const { settings } = this.#ports;
    let waitMs = REBUILD_MS_MIN;
    while (!this.#stopping.signal.aborted) {
      const beganMs = Date.now();
      const session = new Session(settings, this.#options.group, {
        joined: (places) => this.#begin(session, places),
        rebalancing: () => this.#revokeAll(),
        fetched: (batch) => this.#fetched(session, batch),
        skipped: (place, first, last) => this.#skipped(place, first, last),
      });
      this.#session = session;
      this.#held = new Set();
      const watchdog = this.#watch(session);
      const why = await session.run(this.#options.topics);
      clearInterval(watchdog);
      this.#revokeAll();
      if (this.#stopping.signal.aborted) return;
      settings.notice('warn', `The consumer of group ${this.#options.group} is rebuilt: ${why}`);
      waitMs = Date.now() - beganMs > SESSION_MS_WELL ? REBUILD_MS_MIN : Math.min(REBUILD_MS_MAX, waitMs * 2);
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** A new generation: everything begins at what is committed, whoever held it before. */
  #begin(session: Session, places: readonly Place[]): void {
    this.#revokeAll();
    this.#held = new Set(places.map(nameOf));
    if (this.#stopping.signal.aborted) return;
    this.#pumps = new Map(places.map((place) => [nameOf(place), this.#pump(session, place)]));
    const [free, busy] = [[] as Pump[], [] as Pump[]];
    for (const [name, pump] of this.#pumps) (this.#leaving.has(name) ? busy : free).push(pump);
    const begun = [
      this.#beginAt(free),
      ...busy.map((pump) => this.#leaving.get(nameOf(pump))?.done.then(() => this.#beginAt([pump]))),
    ];
    Promise.all(begun).then(
      () => this.#joined.resolve(),
      (error: unknown) => session.end(messageOf(error)),
    );
  }

  #pump(session: Session, place: Place): Pump {
    const { maxBatchRecords = BATCH_RECORDS_DEFAULT, maxBatchBytes = BATCH_BYTES_DEFAULT } = this.#options;
    return new Pump(place.topic, place.partition, {
      handle: this.#handle,
      maxBatchRecords,
      maxBatchBytes,
      paused: () => this.#paused.has(place.topic),
      seek: (offset) => session.seek(place, offset),
      flow: (on) => (on ? session.resume(place) : session.pause([place])),
      // Taken away: the new owner's offset is not to be pulled back, though Kafka would take it (1046).
      commit: async (offset) => {
        if (this.#session === session && this.#held.has(nameOf(place))) await session.commit(place, offset);
      },
    });
  }

  async #beginAt(pumps: readonly Pump[]): Promise<void> {
    const waiting = pumps.filter((pump) => !pump.signal.aborted);
    if (waiting.length === 0) return;
    const topics = [...new Set(waiting.map(({ topic }) => topic))];
    const { group, from = 'start' } = this.#options;
    const [committed, marks] = await Promise.all([
      this.#ports.committed(group, topics),
      this.#ports.watermarks(topics),
    ]);
    const commits = new Map(committed.map((position) => [nameOf(position), position.offset]));
    const ranges = new Map(marks.map((mark) => [nameOf(mark), mark]));
    for (const pump of waiting) {
      const range = ranges.get(nameOf(pump));
      if (pump.signal.aborted || range === undefined) continue;
      const offset = commits.get(nameOf(pump));
      const start = offset ?? (from === 'end' ? range.next : range.first);
      if (!this.#contains(range, start)) continue;
      // The end is fixed once and for all: a later rebalance must not jump over what came in between.
      if (offset === undefined && from === 'end') await this.#session?.commit(pump, start);
      if (!pump.signal.aborted) pump.begin(start);
    }
  }

  async #fetched(session: Session, batch: FetchedBatch): Promise<boolean> {
    const { topic, partition } = batch;
    const pump = this.#pumps.get(nameOf(batch));
    if (pump?.expected === undefined || pump.signal.aborted) return false;
    if (Number(batch.fetchedOffset) !== pump.expected) {
      await this.#recover(session, pump);
      return false;
    }
    pump.receive({
      records: batch.messages.map((message) => toRecord(topic, partition, message)),
      next: Number(batch.lastOffset()) + 1,
      highWatermark: Number(batch.highWatermark),
    });
    return true;
  }

  #skipped(place: Place, first: number | undefined, last: number): void {
    const pump = this.#pumps.get(nameOf(place));
    const { expected } = pump ?? {};
    if (pump === undefined || expected === undefined || (first !== undefined && first !== expected)) return;
    if (last >= expected) pump.receive({ records: [], next: last + 1, highWatermark: last + 1 });
  }

  /**
   * Something else came than was expected: a fetch of before a rebalance or a seek; or the library met an offset that is
   * not there, and went elsewhere without a word. Only the log's ends tell.
   */
  async #recover(session: Session, pump: Pump): Promise<void> {
    const range = (await this.#ports.watermarks([pump.topic])).find(({ partition }) => partition === pump.partition);
    if (range === undefined || pump.expected === undefined || pump.signal.aborted) return;
    if (this.#contains(range, pump.expected)) session.seek(pump, pump.expected);
    else pump.revoke();
  }

  #contains({ topic, partition, first, next }: Watermark, offset: number): boolean {
    if (offset >= first && offset <= next) return true;
    const what =
      offset < first
        ? `Retention dropped ${topic}/${partition} up to ${first} before group ${this.#options.group} had read from ${offset}`
        : `${topic}/${partition} ends at ${next}, but group ${this.#options.group} had read up to ${offset}: it was made anew, or brokers lost records`;
    const error = new LogError('LOG_OFFSET_OUT_OF_RANGE', what);
    this.#ports.settings.notice('error', error.message);
    this.#ports.lost(error);
    return false;
  }

  #revokeAll(): void {
    for (const [name, pump] of this.#pumps) {
      pump.revoke();
      this.#leaving.set(name, pump);
      void pump.done.then(() => this.#leaving.get(name) === pump && this.#leaving.delete(name));
    }
    this.#pumps = new Map();
  }

  /** A partition may stall without a word (1456): hungry twice in a row at the same offset, though the log goes on. */
  #watch(session: Session): NodeJS.Timeout {
    let before = new Map<string, number>();
    return setInterval(async () => {
      const hungry = [...this.#pumps.values()].filter((pump) => pump.hungry);
      const same = hungry.filter((pump) => before.get(nameOf(pump)) === pump.expected);
      before = new Map(hungry.map((pump) => [nameOf(pump), pump.expected ?? 0]));
      if (same.length === 0) return;
      try {
        const marks = await this.#ports.watermarks([...new Set(same.map(({ topic }) => topic))]);
        const ends = new Map(marks.map((mark) => [nameOf(mark), mark.next]));
        const stalled = same.find(
          (pump) =>
            pump.hungry &&
            before.get(nameOf(pump)) === pump.expected &&
            (ends.get(nameOf(pump)) ?? 0) > (pump.expected ?? 0),
        );
        if (stalled) session.end(`${nameOf(stalled)} stalled at offset ${stalled.expected}, and the log goes on`);
      } catch (error) {
        if (isFinal(error)) session.end(messageOf(error)); // else the brokers are away, and that is no stall
      }
    }, this.#ports.settings.timings.stallCheckMs);
  }
}

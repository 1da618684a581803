/** A member of a group for as long as its user wants: sessions come and go, generations come and go, partitions are pumped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isLogError, type LogError } from '../errors.ts';
import type { BatchHandler, ConsumeOptions, Consumer, Position, Watermark } from '../port.ts';
import { isFinal, isGone, isLost, messageOf, unavailable } from './failures.ts';
import { Membership, SESSION_MS_WELL } from './membership.ts';
import type { Settings } from './options.ts';
import { Pump } from './pump.ts';
import { Ranges } from './ranges.ts';
import { toRecord } from './records.ts';
import { type Ending, type FetchedBatch, type Place, Session } from './session.ts';

const BATCH_RECORDS_DEFAULT = 500;
const BATCH_BYTES_DEFAULT = 4 * 1024 * 1024;
const REBUILD_MS_MIN = 100;
const REBUILD_MS_MAX = 5_000;
const LEAVE_AGAIN_MS = 500;

/** What a member asks the log itself. */
export interface ConsumerPorts {
  readonly settings: Settings;
  committed(group: string, topics: readonly string[]): Promise<readonly Position[]>;
  watermarks(topics: readonly string[]): Promise<readonly Watermark[]>;
  /** The group waits no longer for a member of which it may still know. */
  leave(group: string, member: string): Promise<void>;
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
  readonly #membership: Membership;
  readonly #ranges: Ranges;
  /** What the present generation gave us: nobody else has it before the next one. */
  #held: ReadonlySet<string> = new Set();
  #pumps = new Map<string, Pump>();
  /** The last pump of each partition, until its handler is back: a new one waits for it. */
  readonly #leaving = new Map<string, Pump>();
  /** Pumps that ask where the log begins and ends. */
  readonly #recovering = new WeakSet<Pump>();
  /** The one that steers; what a session says that was left behind is nobody's business any more. */
  #session: Session | undefined;
  readonly #life: Promise<void>;
  #stopped: Promise<void> | undefined;

  constructor(options: ConsumeOptions, handle: BatchHandler, ports: ConsumerPorts) {
    this.#options = options;
    this.#handle = handle;
    this.#ports = ports;
    const { group } = options;
    this.#membership = new Membership(group, 2 * ports.settings.timings.rebalanceMs, performance.now());
    this.#ranges = new Ranges(group, (error) => {
      ports.settings.notice('error', error.message);
      ports.lost(error);
    });
    this.#joined.promise.catch(() => undefined);
    this.#life = this.#live();
  }

  /** Settled when the first generation's partitions were given a start. Rejects when the brokers do not let this user join. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** Why it consumes nothing, for people; absent: it does, or it is too early to tell. */
  get trouble(): string | undefined {
    return this.#membership.trouble(performance.now());
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
      const beganMs = performance.now();
      const { why, cause } = await this.#liveOnce();
      if (this.#stopping.signal.aborted) return;
      const endedMs = performance.now();
      this.#membership.ended(why, endedMs, isLost(cause) ? 'lost' : isGone(cause) ? 'gone' : 'other');
      this.#refuse(cause);
      settings.notice('warn', `The consumer of group ${this.#options.group} is rebuilt: ${why}`);
      waitMs = endedMs - beganMs > SESSION_MS_WELL ? REBUILD_MS_MIN : Math.min(REBUILD_MS_MAX, waitMs * 2);
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #liveOnce(): Promise<Ending> {
    const steers = () => this.#session === session;
    const session = new Session(this.#ports.settings, this.#options.group, {
      joined: (places) => steers() && this.#begin(session, places),
      rebalancing: () => steers() && this.#leave(),
      fetched: (batch) => steers() && this.#fetched(session, batch),
      skipped: (place, first, last) => steers() && this.#skipped(place, first, last),
    });
    this.#session = session;
    this.#held = new Set();
    const watchdog = this.#watch(session);
    const ending = await session.run(this.#options.topics);
    this.#session = undefined;
    if (session.member !== undefined) void this.#takeLeave(session.member);
    clearInterval(watchdog);
    this.#revokeAll();
    return ending;
  }

  /**
   * A session that lost its broker could not say goodbye, and the group would wait for it until its time is up: half a minute after
   * each restart of a broker in which nobody consumes anything. So it is said for it, as soon as a broker listens. Where that is
   * refused, the group waits.
   */
  async #takeLeave(member: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const isSettled = await this.#ports.leave(this.#options.group, member).then(
        () => true,
        (error: unknown) => !isLogError(error, 'LOG_UNAVAILABLE'),
      );
      if (isSettled) return;
      await sleep(LEAVE_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Before the first join nothing was promised: whoever is not let in is told, and not kept waiting. */
  #refuse(cause: unknown): void {
    const error = unavailable(`Joining group ${this.#options.group}`, cause);
    if (isLogError(error, 'LOG_ACCESS_DENIED')) this.#joined.reject(error);
  }

  /** A new generation: everything begins at what is committed, whoever held it before. */
  #begin(session: Session, places: readonly Place[]): void {
    this.#revokeAll();
    this.#held = new Set(places.map(nameOf));
    if (this.#stopping.signal.aborted) return;
    const pumps = new Map(places.map((place) => [nameOf(place), this.#pump(session, place)]));
    this.#pumps = pumps;
    const [free, busy] = [[] as Pump[], [] as Pump[]];
    for (const [name, pump] of pumps) (this.#leaving.has(name) ? busy : free).push(pump);
    const begun = [
      this.#beginAt(session, free).then(() => this.#pumps === pumps && this.#membership.begun(performance.now())),
      ...busy.map((pump) => this.#leaving.get(nameOf(pump))?.done.then(() => this.#beginAt(session, [pump]))),
    ];
    Promise.all(begun).then(
      () => this.#joined.resolve(),
      (error: unknown) => session.end(messageOf(error), error),
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
        if (this.#session !== session || !this.#held.has(nameOf(place))) return false;
        await session.commit(place, offset);
        return true;
      },
    });
  }

  async #beginAt(session: Session, pumps: readonly Pump[]): Promise<void> {
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
      if (!this.#ranges.contains(range, start)) continue;
      // The end is fixed once and for all: a later rebalance must not jump over what came in between.
      if (offset === undefined && from === 'end') await session.commit(pump, start);
      if (!pump.signal.aborted) pump.begin(start);
    }
  }

  /** Never waits: the loop that calls it sends the heartbeats, and fetches for all partitions of that broker. */
  #fetched(session: Session, batch: FetchedBatch): boolean {
    const { topic, partition } = batch;
    const pump = this.#pumps.get(nameOf(batch));
    if (pump?.expected === undefined || pump.signal.aborted) {
      session.pause([batch]); // else the same is fetched again and again
      return false;
    }
    if (Number(batch.fetchedOffset) !== pump.expected) {
      this.#recover(session, pump);
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
  #recover(session: Session, pump: Pump): void {
    session.pause([pump]);
    if (this.#recovering.has(pump)) return;
    this.#recovering.add(pump);
    this.#ports
      .watermarks([pump.topic])
      .then((marks) => {
        const { expected } = pump;
        if (this.#session !== session || expected === undefined || pump.signal.aborted) return;
        const range = marks.find(({ partition }) => partition === pump.partition);
        if (range === undefined) return session.end(`${nameOf(pump)} is gone`);
        if (!this.#ranges.contains(range, expected)) return pump.revoke();
        session.seek(pump, expected);
        if (!pump.full) session.resume(pump);
      })
      .catch((error: unknown) => session.end(messageOf(error), error))
      .finally(() => this.#recovering.delete(pump));
  }

  #leave(): void {
    this.#membership.apart(performance.now());
    this.#revokeAll();
  }

  #revokeAll(): void {
    for (const [name, pump] of this.#pumps) {
      const began = pump.expected !== undefined;
      pump.revoke();
      if (!began) continue; // whoever it waited for is still to be waited for
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
        if (isFinal(error)) session.end(messageOf(error), error); // else the brokers are away, and that is no stall
      }
    }, this.#ports.settings.timings.stallCheckMs);
  }
}

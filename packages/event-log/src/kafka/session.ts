/**
 * One kafkajs consumer from its birth to its end, and the generations of its group that it lives through. It is never
 * mended: whatever it dies of, the next session is a new consumer (consumer.ts).
 */
import kafkajs, { type Batch, type Consumer, type ConsumerGroupJoinEvent, type EachBatchPayload } from 'kafkajs';
import { assigner } from './assigner.ts';
import { within } from './bounded.ts';
import { messageOf } from './failures.ts';
import type { Settings } from './options.ts';

const PARTITION_BYTES_MAX = 1024 * 1024;
const FETCH_BYTES_MAX = 10 * 1024 * 1024;
/** Handlers run elsewhere, so this is only about passing fetches of several brokers on. */
const PARTITIONS_AT_ONCE = 8;

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A batch as kafkajs has it. `fetchedOffset` is not in its types: what was asked for, whatever came. */
export type FetchedBatch = Batch & { readonly fetchedOffset: string };

/** What ended a session, for people, and the error where it was one. */
export interface Ending {
  readonly why: string;
  readonly cause?: unknown;
}

export interface SessionEvents {
  /** A new generation with these partitions, of which none is fetched before `seek` and `resume`. */
  joined(places: readonly Place[]): unknown;
  /** The group meets anew: what was held is held no more. */
  rebalancing(): unknown;
  /** Whether the library may go on after this batch. */
  fetched(batch: FetchedBatch): boolean;
  /** A batch without anything to show: the marks of transactions, or what was aborted. */
  skipped(place: Place, first: number | undefined, last: number): unknown;
}

export class Session {
  readonly #settings: Settings;
  readonly #consumer: Consumer;
  readonly #events: SessionEvents;
  readonly #ended = Promise.withResolvers<Ending>();
  #over = false;
  /** What the group calls it since the last join. */
  #member: string | undefined;
  /** The group meets anew, and it has not heard yet what it is given. */
  #isApart = false;
  #signOfLifeMs = performance.now();

  constructor(settings: Settings, group: string, events: SessionEvents) {
    const { timings } = settings;
    this.#settings = settings;
    this.#events = events;
    // A client of its own: members of one group that share a client share, by a map inside it, what each believes to be
    // committed, and each join of one wipes it for the others.
    this.#consumer = settings.client().consumer({
      groupId: group,
      partitionAssigners: [assigner],
      sessionTimeout: timings.sessionMs,
      rebalanceTimeout: timings.rebalanceMs,
      heartbeatInterval: timings.heartbeatMs,
      maxWaitTimeInMs: timings.fetchWaitMs,
      maxBytesPerPartition: PARTITION_BYTES_MAX,
      maxBytes: FETCH_BYTES_MAX,
      allowAutoTopicCreation: false,
      // It would restart after some errors and stay dead after others; we begin anew after all.
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        factor: 0.2,
        multiplier: 2,
        retries: 5,
        restartOnFailure: async () => false,
      },
    });
    this.#listen();
  }

  /** Runs until something ends it, and says what. Resolves; a session that cannot begin has ended. */
  async run(topics: readonly string[]): Promise<Ending> {
    const watchdog = setInterval(() => this.#watch(), Math.min(1_000, this.#settings.timings.silenceMs / 4));
    try {
      void this.#start(topics).catch((error: unknown) => this.end(messageOf(error), error));
      return await this.#ended.promise;
    } finally {
      clearInterval(watchdog);
      await this.#stop();
      this.#over = true;
    }
  }

  /** What the group calls it, or called it last; undefined: it never joined. */
  get member(): string | undefined {
    return this.#member;
  }

  end(why: string, cause?: unknown): void {
    this.#ended.resolve({ why, cause });
  }

  seek({ topic, partition }: Place, offset: number): void {
    this.#tell(() => this.#consumer.seek({ topic, partition, offset: String(offset) }));
  }

  pause(places: readonly Place[]): void {
    this.#tell(() => this.#consumer.pause(places.map(({ topic, partition }) => ({ topic, partitions: [partition] }))));
  }

  resume({ topic, partition }: Place): void {
    this.#tell(() => this.#consumer.resume([{ topic, partitions: [partition] }]));
  }

  async commit({ topic, partition }: Place, offset: number): Promise<void> {
    await this.#consumer.commitOffsets([{ topic, partition, offset: String(offset) }]);
  }

  async #start(topics: readonly string[]): Promise<void> {
    await this.#consumer.connect();
    // From the beginning, everywhere: else an offset out of range would jump to the end in silence.
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      // Never throws, and never waits for a handler: what it throws is counted until the consumer dies, with no way
      // back to zero (1415, 1647), and what it waits for holds up all partitions of that broker.
      eachBatch: (payload) => this.#pass(payload),
    });
  }

  async #pass({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    this.#live();
    try {
      if (this.#events.fetched(batch as FetchedBatch)) resolveOffset(batch.lastOffset());
    } catch (error) {
      this.end(messageOf(error), error);
    }
  }

  #listen(): void {
    const { CRASH, GROUP_JOIN, REBALANCING, FETCH_START, FETCH, HEARTBEAT, END_BATCH_PROCESS } = this.#consumer.events;
    // Dead after a non-retriable error, for good (1274, 1513, 1721).
    this.#consumer.on(CRASH, ({ payload }) => this.end(`it crashed: ${payload.error.message}`, payload.error));
    this.#consumer.on(GROUP_JOIN, (event) => this.#joined(event));
    this.#consumer.on(REBALANCING, () => {
      this.#live();
      this.#isApart = true;
      this.#events.rebalancing();
    });
    this.#consumer.on(FETCH_START, () => this.#goOn());
    this.#consumer.on(FETCH, () => this.#live());
    this.#consumer.on(HEARTBEAT, ({ payload }) => this.#beat(payload.memberId));
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const first = payload.firstOffset === null ? undefined : Number(payload.firstOffset);
      this.#events.skipped(payload, first, Number(payload.lastOffset));
    });
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    this.#isApart = false;
    this.#member = payload.memberId;
    this.#live();
    const places = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    // In the same turn, before it can fetch from an offset that nobody has looked at.
    this.pause(places);
    this.#events.joined(places);
  }

  /**
   * A consumer that was left behind, or whose join came through after its disconnect, would hold its partitions for ever
   * with its heartbeats. kafkajs has no other way to end one that does not stop: an error in its loop.
   */
  #goOn(): void {
    if (this.#over) throw new kafkajs.KafkaJSNonRetriableError('The session is over.');
    this.#live();
  }

  /**
   * Where the answer to a join or a sync is lost, kafkajs fetches on: a member in good standing of a generation of which it never
   * told what it was given, so that nobody consumes that.
   */
  #beat(member: string): void {
    if (this.#isApart || member !== this.#member) this.end('it goes on without having heard what its group gave it');
    this.#live();
  }

  /** While the group meets, a join alone is a sign of life. */
  #live(): void {
    if (!this.#isApart) this.#signOfLifeMs = performance.now();
  }

  #watch(): void {
    const silentMs = performance.now() - this.#signOfLifeMs;
    if (silentMs > this.#settings.timings.silenceMs) this.end(`it gave no sign of life for ${Math.round(silentMs)} ms`);
  }

  /** kafkajs throws where it is not running any more; then there is nothing to steer. */
  #tell(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.end(messageOf(error), error);
    }
  }

  /** Its stop waits for fetches, heartbeats and sockets, and may do so for ever (571, 1168). */
  async #stop(): Promise<void> {
    const stopped = this.#consumer.disconnect().then(
      () => true,
      () => true,
    );
    if (await within(this.#settings.timings.stopMs, stopped)) return;
    this.#settings.notice(
      'warn',
      `A consumer did not stop within ${this.#settings.timings.stopMs} ms and is left behind`,
    );
  }
}

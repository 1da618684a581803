import type { Clock } from '../core/scheduler.ts';
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
import { TopicAdmin } from './admin.ts';
import { Appender } from './appender.ts';
import { within } from './bounded.ts';
import { Connection } from './connection.ts';
import { KafkaConsumer } from './consumer.ts';
import { closedError, typeOf } from './failures.ts';
import {
  commitAsNobody,
  committedOf,
  leaveAs,
  leaveAsAll,
  offsetsAtTime,
  partitionsOf,
  watermarksOf,
} from './offsets.ts';
import type { Settings } from './options.ts';
import { type Cursor, scanCursors } from './scan.ts';
import { Sender } from './sender.ts';
import { declareTopics, specOf } from './topics.ts';

const PING_MS_MAX = 3_000;

export class KafkaLog implements EventLog {
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #admin: TopicAdmin;
  readonly #sender: Sender;
  readonly #appender: Appender;
  readonly #consumers = new Set<KafkaConsumer>();
  /** Counts of partitions that were seen; they never change. */
  readonly #partitions = new Map<string, number>();
  /** Topics that were declared here: retention is about them, and not about strangers on the same brokers. */
  readonly #declared = new Map<string, TopicSpec>();
  /** Scans that ask where the end is: what is appended after their call is to come after it. */
  readonly #looking = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();
  /** Groups that no earlier life of this process is in any more. */
  readonly #succeeded = new Set<string>();
  #lost: LogError | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#connection = new Connection(settings);
    this.#admin = new TopicAdmin(settings);
    this.#sender = new Sender(settings);
    this.#appender = new Appender(this.#sender, clock, (topics) => this.#counts(topics));
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#assertOpen();
    await declareTopics(this.#admin, specs, this.#settings.options);
    for (const spec of specs) {
      this.#partitions.set(spec.name, spec.partitions);
      this.#declared.set(spec.name, spec);
    }
  }

  async topics(): Promise<readonly TopicSpec[]> {
    this.#assertOpen();
    return (await this.#admin.describe()).map(specOf);
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (this.#closed.signal.aborted) throw closedError();
    if (this.#looking.size > 0) await Promise.allSettled(this.#looking);
    return this.#appender.append(records);
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer> {
    this.#assertOpen();
    // A subscription to a topic that is not there yet would never see it (the library's pull request 1558).
    await this.#connection.call('Looking up topics', (cluster) => partitionsOf(cluster, options.topics));
    await this.#succeed(options.group);
    this.#assertOpen();
    const consumer = new KafkaConsumer(options, handle, {
      settings: this.#settings,
      committed: (group, topics) => this.#committed(group, topics),
      watermarks: (topics) => this.#watermarks(topics),
      leave: (group, member) =>
        this.#connection.call(`Leaving group ${group}`, (cluster) => leaveAs(cluster, group, member)),
      lost: (error) => this.#lose(error),
    });
    this.#consumers.add(consumer);
    await this.#join(consumer);
    return {
      assignment: () => consumer.assignment(),
      pause: (topics) => consumer.pause(topics),
      resume: (topics) => consumer.resume(topics),
      stop: () => consumer.stop().then(() => void this.#consumers.delete(consumer)),
    };
  }

  scan(options: ScanOptions): AsyncIterable<readonly LogRecord[]> {
    this.#assertOpen();
    // The end is that of the call, also when reading begins later.
    const cursors = this.#cursors(options);
    this.#looking.add(cursors);
    const looked = () => void this.#looking.delete(cursors);
    cursors.then(looked, looked); // an error is thrown where it is read
    const settings = this.#settings;
    const closed = this.#closed.signal;
    return (async function* () {
      yield* scanCursors(settings, await cursors, options, closed);
    })();
  }

  async watermarks(topics: readonly string[]): Promise<readonly Watermark[]> {
    this.#assertOpen();
    return this.#watermarks(topics);
  }

  async offsetsAt(topics: readonly string[], timestampMs: number): Promise<readonly Position[]> {
    this.#assertOpen();
    return this.#connection.call('Reading offsets by time', async (cluster) =>
      offsetsAtTime(cluster, await partitionsOf(cluster, topics), timestampMs),
    );
  }

  async committed(group: string, topics?: readonly string[]): Promise<readonly Position[]> {
    this.#assertOpen();
    const found = await this.#committed(group);
    return topics === undefined ? found : found.filter(({ topic }) => topics.includes(topic));
  }

  async resetOffsets(group: string, positions: readonly Position[]): Promise<void> {
    this.#assertOpen();
    const topics = [...new Set(positions.map(({ topic }) => topic))];
    const ranges = new Map((await this.#watermarks(topics)).map((mark) => [`${mark.topic}/${mark.partition}`, mark]));
    for (const position of positions) assertInRange(position, ranges.get(`${position.topic}/${position.partition}`));
    await this.#connection.call(`Setting offsets of group ${group}`, async (cluster) => {
      try {
        await commitAsNobody(cluster, group, positions);
      } catch (error) {
        if (ACTIVE.has(typeOf(error) ?? '')) throw activeError(group);
        throw error;
      }
    });
  }

  async deleteGroup(group: string): Promise<void> {
    this.#assertOpen();
    if (!(await this.#admin.deleteGroup(group))) throw activeError(group);
  }

  async retain(nowMs: number, notBefore: readonly Position[] = []): Promise<void> {
    this.#assertOpen();
    const kept = new Map(notBefore.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
    for (const { name, retentionMs } of this.#declared.values()) {
      if (retentionMs === undefined) continue;
      const [cuts, marks] = await Promise.all([this.offsetsAt([name], nowMs - retentionMs), this.#watermarks([name])]);
      const positions = cuts.flatMap(({ partition, offset }) => {
        const cut = Math.min(offset, kept.get(`${name}/${partition}`) ?? offset);
        const first = marks.find((mark) => mark.partition === partition)?.first ?? cut;
        return cut > first ? [{ partition, offset: cut }] : [];
      });
      if (positions.length > 0) await this.#admin.deleteBefore(name, positions);
    }
  }

  async healthy(): Promise<boolean> {
    if (this.#closing !== undefined || this.trouble() !== undefined) return false;
    const answered = this.#admin.ping().then(
      () => true,
      () => false,
    );
    return (await within(PING_MS_MAX, answered)) === true;
  }

  trouble(): string | undefined {
    if (this.#lost !== undefined) return this.#lost.message;
    for (const { trouble } of this.#consumers) if (trouble !== undefined) return trouble;
    return undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Handlers in flight may still append and commit; only when they are done the log is shut. */
  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    this.#closed.abort();
    await this.#appender.close();
    const ends = [this.#sender.close(), this.#admin.close(), this.#connection.close()];
    await within(this.#settings.timings.stopMs, Promise.all(ends));
  }

  /**
   * Who was killed could not say goodbye, and a newcomer makes all members of its group wait for it until its session is over, half
   * a minute. Whoever comes back under its name says it. Once for each group: later ones by that name are of this life.
   */
  async #succeed(group: string): Promise<void> {
    const { instance } = this.#settings.options;
    if (instance === undefined || this.#succeeded.has(group)) return;
    try {
      const count = await this.#connection.call(`Looking up members of group ${group}`, (cluster) =>
        leaveAsAll(cluster, group, instance),
      );
      this.#succeeded.add(group);
      if (count > 0) this.#settings.notice('info', `An earlier life of ${instance} has left group ${group}`);
    } catch {
      // Then it is waited for.
    }
  }

  /** Not being let in is an error of this call; where that comes to light later, nobody waits for it any more. */
  async #join(consumer: KafkaConsumer): Promise<void> {
    let waiting = true;
    consumer.joined.catch((error: LogError) => waiting || this.#settings.options.onFatal?.(error));
    try {
      await within(this.#settings.timings.joinMs, consumer.joined);
    } catch (error) {
      await consumer.stop();
      this.#consumers.delete(consumer);
      throw error;
    } finally {
      waiting = false;
    }
  }

  async #committed(group: string, topics?: readonly string[]): Promise<readonly Position[]> {
    return this.#connection.call(`Reading offsets of group ${group}`, async (cluster) =>
      committedOf(cluster, group, topics === undefined ? [] : await partitionsOf(cluster, topics)),
    );
  }

  async #watermarks(topics: readonly string[]): Promise<readonly Watermark[]> {
    if (topics.length === 0) return [];
    return this.#connection.call('Reading offsets', async (cluster) =>
      watermarksOf(cluster, await partitionsOf(cluster, topics)),
    );
  }

  async #counts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unknown = topics.filter((topic) => !this.#partitions.has(topic));
    if (unknown.length > 0) {
      const found = await this.#connection.call('Looking up topics', (cluster) => partitionsOf(cluster, unknown));
      for (const { topic, partitions } of found) this.#partitions.set(topic, partitions.length);
    }
    return this.#partitions;
  }

  async #cursors({ topics, from, follow }: ScanOptions): Promise<Cursor[]> {
    const [marks, starts] = await Promise.all([
      this.#watermarks(topics),
      typeof from === 'object' && 'timeMs' in from ? this.offsetsAt(topics, from.timeMs) : undefined,
    ]);
    const named: readonly Position[] = starts ?? (typeof from === 'object' && !('timeMs' in from) ? from : []);
    return marks.map((mark) => {
      const { topic, partition, first, next } = mark;
      const start = named.find((position) => position.topic === topic && position.partition === partition);
      if (start !== undefined) assertInRange(start, mark);
      const position = start?.offset ?? (from === 'end' ? next : first);
      return { topic, partition, position, end: follow ? Number.POSITIVE_INFINITY : next };
    });
  }

  #lose(error: LogError): void {
    this.#lost = error;
    this.#settings.options.onFatal?.(error);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}

/** What brokers say when a group has members. */
const ACTIVE = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']);

const activeError = (group: string) => new LogError('LOG_GROUP_ACTIVE', `Group ${group} has running members`);

function assertInRange({ topic, partition, offset }: Position, range: Watermark | undefined): void {
  if (range === undefined) throw new LogError('LOG_TOPIC_UNKNOWN', `Topic ${topic} has no partition ${partition}`);
  if (Number.isSafeInteger(offset) && offset >= range.first && offset <= range.next) return;
  throw new LogError(
    'LOG_OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of ${topic}/${partition}, which has ${range.first} to ${range.next}`,
  );
}

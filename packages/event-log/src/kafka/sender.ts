/** The idempotent producer, and what is done about its weaknesses. */
import kafkajs, { type Message, type Producer } from 'kafkajs';
import { within } from './bounded.ts';
import { closedError, isOfOnePlace, messageOf, unavailable, unknownTopicOr } from './failures.ts';
import type { Settings } from './options.ts';

export interface Sending {
  readonly topic: string;
  readonly partition: number;
  readonly messages: Message[];
}

export class Sender {
  readonly #settings: Settings;
  #producer: Promise<Producer> | undefined;
  #closed = false;
  /** Since the last send that was acknowledged. */
  #failing: { readonly sinceMs: number; readonly said: Set<string>; sends: number } | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Sends all parts in one round trip per broker; returns the offset of each part's first message, by `topic/partition`. */
  async send(parts: readonly Sending[]): Promise<ReadonlyMap<string, number>> {
    if (this.#closed) throw closedError();
    this.#producer ??= this.#connect();
    const producer = this.#producer;
    try {
      const bases = await within(
        this.#settings.timings.sendMs,
        producer.then((connected) => this.#sendBy(connected, parts)),
      );
      if (bases === undefined) throw new Error(`No answer within ${this.#settings.timings.sendMs} ms`);
      this.#sent();
      return bases;
    } catch (error) {
      // After an error nobody knows what its sequence numbers are worth: the next one begins with a fresh producer.
      this.#drop(producer);
      this.#failed(error);
      throw unavailable(
        'Sending to Kafka',
        unknownTopicOr(
          error,
          parts.map(({ topic }) => topic),
        ),
      );
    }
  }

  /** An outage is told where it begins, for each of its causes, and where it ends; not at each of the sends between. */
  #failed(error: unknown): void {
    const what = messageOf(error);
    if (!isOfOnePlace(error)) {
      this.#failing ??= { sinceMs: performance.now(), said: new Set(), sends: 0 };
      this.#failing.sends += 1;
      if (this.#failing.said.has(what)) return;
      this.#failing.said.add(what);
    }
    this.#settings.notice('warn', `The producer is rebuilt: ${what}`);
  }

  #sent(): void {
    if (this.#failing === null) return;
    const { sinceMs, sends } = this.#failing;
    this.#failing = null;
    const seconds = ((performance.now() - sinceMs) / 1_000).toFixed(1);
    this.#settings.notice('info', `The producer sends again, after ${seconds} s and ${sends} sends that failed`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const producer = this.#producer;
    this.#producer = undefined;
    await disconnect(producer);
  }

  async #sendBy(producer: Producer, parts: readonly Sending[]): Promise<ReadonlyMap<string, number>> {
    const byTopic = Map.groupBy(parts, ({ topic }) => topic);
    const answers = await producer.sendBatch({
      acks: -1,
      compression:
        this.#settings.options.compression === 'gzip' ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None,
      topicMessages: [...byTopic].map(([topic, list]) => ({
        topic,
        messages: list.flatMap(({ messages }) => messages),
      })),
    });
    const bases = new Map<string, number>();
    for (const { topicName, partition, baseOffset } of answers) {
      if (baseOffset === undefined || Number(baseOffset) < 0) continue;
      // Sent twice after an error, it may be there twice; the first is where it was first read.
      const name = `${topicName}/${partition}`;
      bases.set(name, Math.min(bases.get(name) ?? Number.POSITIVE_INFINITY, Number(baseOffset)));
    }
    // When a leader moves between two of its tries, kafkajs may take the answer of the new leader, to other partitions, for
    // that to this one too: it resolves, and the messages were never sent.
    const silent = parts.find(({ topic, partition }) => !bases.has(`${topic}/${partition}`));
    if (silent !== undefined) throw new Error(`No broker acknowledged ${silent.topic}/${silent.partition}`);
    return bases;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#settings.client().producer({
      idempotent: true,
      maxInFlightRequests: 1, // more, and a retry may overtake: KafkaJS keeps order per broker only then
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0, // always given: chosen where the count of partitions is known
      // An idempotent producer tries without end otherwise, and its caller waits without end.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 4 },
    });
    await producer.connect();
    return producer;
  }

  #drop(producer: Promise<Producer>): void {
    if (this.#producer !== producer) return;
    this.#producer = undefined;
    void disconnect(producer);
  }
}

async function disconnect(producer: Promise<Producer> | undefined): Promise<void> {
  await producer?.then((connected) => connected.disconnect()).catch(() => undefined);
}

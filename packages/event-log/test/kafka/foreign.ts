/**
 * A client that knows nothing of us: plain kafkajs, as another system would use it, but for its looking through an empty queue
 * once a millisecond. For tests of this and of other packages.
 */
import { randomUUID } from 'node:crypto';
import kafkajs, { type IHeaders, type Message } from 'kafkajs';
import '../../src/kafka/idle-queue.ts';

/** Whoever leaves waits for the fetch that is under way: not for the five seconds that kafkajs gives one. */
const FETCH_WAIT_MS = 500;

export interface ForeignRecord {
  readonly topic: string;
  /** Absent: what the key's hash says. */
  readonly partition?: number;
  readonly key: Uint8Array | null;
  readonly headers: IHeaders;
  readonly value: Uint8Array | null;
  readonly timestampMs?: number;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Foreign {
  /** In one request. */
  send(records: readonly ForeignRecord[]): Promise<void>;
  /** One record; null: the broker refused it. */
  sendOne(record: ForeignRecord): Promise<Place | null>;
  /** Joins a group and reads from the beginning, each record as it came. */
  subscribe(
    group: string,
    topics: readonly string[],
    onRecord: (record: ReadRecord) => void,
  ): Promise<() => Promise<void>>;
  /** Everything that is there now, in the order of each partition, by a group of its own. */
  readAll(isWanted: (topic: string) => boolean, onRecord: (record: ReadRecord) => void): Promise<void>;
  close(): Promise<void>;
}

export interface ReadRecord extends Place {
  readonly key: string | null;
  readonly headers: ReadonlyMap<string, string>;
  readonly value: string | null;
  readonly timestampMs: number;
}

export async function openForeign(brokers: readonly string[], compression: 'none' | 'gzip' = 'none'): Promise<Foreign> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'foreign', logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } });
  await producer.connect();
  const codec = compression === 'gzip' ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
  const foreign: Foreign = {
    async send(records) {
      const topicMessages = [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, list]) => ({
        topic,
        messages: list.map(messageOf),
      }));
      await producer.sendBatch({ compression: codec, topicMessages });
    },
    async sendOne(record) {
      const { topic } = record;
      try {
        const [answer] = await producer.send({ topic, compression: codec, messages: [messageOf(record)] });
        return answer ? { topic, partition: answer.partition, offset: Number(answer.baseOffset) } : null;
      } catch (error) {
        if (error instanceof Error && /larger|too large/i.test(error.message)) return null;
        throw error;
      }
    },
    async subscribe(groupId, topics, onRecord) {
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS });
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ topic, partition, message: { offset, key, headers = {}, value, timestamp } }) => {
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)] as const);
          const place = { topic, partition, offset: Number(offset) };
          onRecord({
            ...place,
            key: key?.toString() ?? null,
            headers: new Map(texts),
            value: value?.toString() ?? null,
            timestampMs: Number(timestamp),
          });
        },
      });
      return () => consumer.disconnect();
    },
    async readAll(isWanted, onRecord) {
      const { topics, left } = await lastOffsets(isWanted);
      if (left.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const next = new Map<string, number>();
      const leave = await foreign.subscribe(`reader-${randomUUID()}`, topics, (record) => {
        const lane = `${record.topic}/${record.partition}`;
        if (record.offset < (next.get(lane) ?? 0)) return; // its own rebalance began it anew
        next.set(lane, record.offset + 1);
        onRecord(record);
        if (record.offset >= (left.get(lane) ?? Number.POSITIVE_INFINITY)) left.delete(lane);
        if (left.size === 0) resolve();
      });
      await promise;
      await leave();
    },
    close: () => producer.disconnect(),
  };
  return foreign;

  /** Of each partition with records: `topic/partition` → offset of the last. */
  async function lastOffsets(isWanted: (topic: string) => boolean) {
    const admin = kafka.admin();
    await admin.connect();
    try {
      const topics = (await admin.listTopics()).filter(isWanted);
      const left = new Map<string, number>();
      for (const topic of topics)
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
          if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high) - 1);
      return { topics, left };
    } finally {
      await admin.disconnect();
    }
  }
}

function messageOf({ partition, key, headers, value, timestampMs }: ForeignRecord): Message {
  const view = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    key: view(key),
    value: view(value),
    headers,
    ...(partition === undefined ? {} : { partition }),
    ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }),
  };
}

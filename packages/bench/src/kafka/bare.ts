/** What is done with kafkajs and nothing else: the baseline, and topics that have to go between two runs. */
import { setTimeout } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';

/** As our own consumers have it. */
const PARTITION_BYTES_MAX = 1024 * 1024;
const FETCH_BYTES_MAX = 10 * 1024 * 1024;
const FETCH_WAIT_MS = 200;
const PARTITIONS_AT_ONCE = 8;
const LOOK_MS = 50;

export interface CopyOptions {
  readonly brokers: readonly string[];
  readonly from: readonly string[];
  readonly to: string;
  /** How many records there are to copy. */
  readonly total: number;
  readonly batchRecords: number;
  /** Called at the first record, before it is sent. */
  readonly onFirst: () => void;
}

const clientOf = (brokers: readonly string[]) =>
  new kafkajs.Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });

/** eachBatch, sendBatch, commit: each record once more, in the same partition; resolves at the last commit. */
export async function copyRecords({ brokers, from, to, total, batchRecords, onFirst }: CopyOptions): Promise<void> {
  const producer = clientOf(brokers).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  const consumer = clientOf(brokers).consumer({
    groupId: 'bench-copy',
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES_MAX,
    maxBytes: FETCH_BYTES_MAX,
  });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [...from], fromBeginning: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Most of what it calls a crash it recovers from, such as a coordinator that is still loading.
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => restart || reject(error));
  let copied = 0;
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
    eachBatch: async ({ batch: { topic, partition, messages }, resolveOffset, heartbeat }) => {
      if (copied === 0) onFirst();
      for (let at = 0; at < messages.length; at += batchRecords) {
        const some = messages.slice(at, at + batchRecords);
        const sent = some.map(({ key, value, headers = {} }) => ({ key, value, headers, partition }));
        await producer.sendBatch({ acks: -1, topicMessages: [{ topic: to, messages: sent }] });
        const last = some.at(-1)?.offset ?? '0';
        resolveOffset(last);
        await consumer.commitOffsets([{ topic, partition, offset: String(Number(last) + 1) }]);
        await heartbeat();
        copied += some.length;
      }
      if (copied >= total) resolve();
    },
  });
  await promise;
  // Not awaited within the handler that it would wait for.
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
}

/** All but the brokers' own, so that the next run begins with nothing. */
export const dropTopics = (brokers: readonly string[]): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const topics = await namesOf(admin);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    // Whoever makes one of the same name too early finds the old one, which then goes.
    while ((await namesOf(admin)).length > 0) await setTimeout(LOOK_MS);
  });

export const topicsOn = (brokers: readonly string[]): Promise<readonly string[]> => withAdmin(brokers, namesOf);

const namesOf = async (admin: Admin): Promise<string[]> =>
  (await admin.listTopics()).filter((name) => !name.startsWith('__'));

async function withAdmin<T>(brokers: readonly string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Reading without a group, by plain fetches: an error is an error here, and no state is left with the brokers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, KafkaMessage } from 'kafkajs';
import { LogError } from '../errors.ts';
import type { LogRecord, ScanOptions } from '../port.ts';
import { connect, disconnect } from './connection.ts';
import { closedError, isFinal, unavailable } from './failures.ts';
import type { Settings } from './options.ts';
import { toRecord } from './records.ts';

const BATCH_RECORDS_DEFAULT = 500;
/** About a batch of ordinary records. */
const PARTITION_BYTES_MAX = 512 * 1024;
const FETCH_BYTES_MAX = 10 * 1024 * 1024;
const READ_COMMITTED = 1;
const FOLLOW_WAIT_MS = 250;
const READER_MS = 2;
const FAILURES_MAX = 8;
const FAILURE_WAIT_MS = 250;

export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  position: number;
  /** Where to stop, exclusive; infinite when following. */
  readonly end: number;
}

/** What kafkajs decodes of a fetch, as far as it is used; its types leave it open. */
interface FetchedPartition {
  readonly partition: number;
  readonly messages: readonly (KafkaMessage & {
    readonly isControlRecord?: boolean;
    readonly batchContext?: { readonly producerId?: unknown; readonly inTransaction?: boolean };
  })[];
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | undefined;
}

type Chunk = { readonly cursor: Cursor; readonly records: readonly LogRecord[]; readonly next: number };

export async function* scanCursors(
  settings: Settings,
  cursors: readonly Cursor[],
  options: ScanOptions,
  closed: AbortSignal,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  const most = options.maxBatchRecords ?? BATCH_RECORDS_DEFAULT;
  const reader = new Reader(settings, closed);
  let tookTime = false;
  try {
    for (;;) {
      const open = cursors.filter(({ position, end }) => position < end);
      if (open.length === 0 || options.signal?.aborted) return;
      const chunks = await reader.ask((cluster) => fetchChunks(cluster, open, options.follow ? FOLLOW_WAIT_MS : 1));
      for (const { cursor, records, next } of chunks) {
        cursor.position = next;
        for (let at = 0; at < records.length; at += most) {
          const slice = records.slice(at, at + most);
          if (tookTime) await reader.ask((cluster) => assertKept(cluster, cursor, slice[0]?.offset ?? next));
          if (closed.aborted) throw closedError();
          if (options.signal?.aborted) return;
          const handedMs = performance.now();
          yield slice;
          // Only a reader that took its time can have been overtaken by retention.
          tookTime = performance.now() - handedMs > READER_MS;
        }
      }
    }
  } finally {
    reader.close();
  }
}

/** A connection of a scan's own: a fetch that waits holds up every other request behind it. After an error, a fresh one. */
class Reader {
  readonly #settings: Settings;
  readonly #closed: AbortSignal;
  #cluster: Promise<Cluster>;

  constructor(settings: Settings, closed: AbortSignal) {
    this.#settings = settings;
    this.#closed = closed;
    this.#cluster = connect(settings);
  }

  /** Asks again after errors, some times; then throws a LogError, as for what is final. */
  async ask<T>(action: (cluster: Cluster) => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      if (this.#closed.aborted) throw closedError();
      try {
        return await action(await this.#cluster);
      } catch (error) {
        if (this.#closed.aborted) throw closedError();
        if (isFinal(error) || failures > FAILURES_MAX) throw unavailable('A scan', error);
        this.close();
        await sleep(FAILURE_WAIT_MS);
        this.#cluster = connect(this.#settings);
      }
    }
  }

  close(): void {
    void disconnect(this.#cluster);
  }
}

/** A connection that was just made knows nobody who leads. */
async function loadLeaders(cluster: Cluster, topics: readonly string[]): Promise<void> {
  await cluster.addMultipleTargetTopics([...new Set(topics)]);
  await cluster.refreshMetadataIfNecessary();
}

async function fetchChunks(cluster: Cluster, cursors: readonly Cursor[], maxWaitTime: number): Promise<Chunk[]> {
  await loadLeaders(
    cluster,
    cursors.map(({ topic }) => topic),
  );
  const byLeader = Map.groupBy(cursors, ({ topic, partition }) => {
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (leader === undefined) throw new Error(`No broker leads ${topic}/${partition} now`);
    return leader;
  });
  const chunks = [...byLeader].map(async ([nodeId, list]) => {
    const broker = await cluster.findBroker({ nodeId });
    const asked = { maxWaitTime, minBytes: 1, maxBytes: FETCH_BYTES_MAX, topics: requestOf(list) };
    const { responses } = await broker.fetch({ isolationLevel: READ_COMMITTED, ...asked }).catch((error: unknown) => {
      throw isOutOfRange(error) ? droppedError(error, list) : error;
    });
    const answers: readonly { topicName: string; partitions: readonly FetchedPartition[] }[] = responses;
    return answers.flatMap(({ topicName, partitions }) =>
      partitions.flatMap((fetched) => {
        const cursor = list.find(({ topic, partition }) => topic === topicName && partition === fetched.partition);
        return cursor === undefined ? [] : chunkOf(cursor, fetched);
      }),
    );
  });
  return (await Promise.all(chunks)).flat();
}

function requestOf(cursors: readonly Cursor[]) {
  return [...Map.groupBy(cursors, ({ topic }) => topic)].map(([topic, list]) => ({
    topic,
    partitions: list.map(({ partition, position }) => ({
      partition,
      fetchOffset: String(position),
      maxBytes: PARTITION_BYTES_MAX,
    })),
  }));
}

/** What of a fetch is for readers: from the position on, to the end, no marks of transactions, nothing of aborted ones. */
function chunkOf(cursor: Cursor, { messages, abortedTransactions }: FetchedPartition): Chunk[] {
  const last = messages.at(-1);
  if (last === undefined) return [];
  const { topic, partition, position, end } = cursor;
  const aborted = [...(abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const producers = new Set<string>();
  const records: LogRecord[] = [];
  for (const message of messages) {
    const offset = Number(message.offset);
    for (let next = aborted[0]; next !== undefined && offset >= Number(next.firstOffset); next = aborted[0]) {
      producers.add(String(next.producerId));
      aborted.shift();
    }
    const { producerId, inTransaction } = message.batchContext ?? {};
    if (message.isControlRecord) producers.delete(String(producerId));
    else if (offset >= position && offset < end && !(inTransaction && producers.has(String(producerId)))) {
      records.push(toRecord(topic, partition, message));
    }
  }
  return [{ cursor, records, next: Math.max(position, Number(last.offset) + 1) }];
}

/** Retention overtook the scan: a hole in what was promised whole is an error, not silence. */
async function assertKept(cluster: Cluster, { topic, partition }: Cursor, offset: number): Promise<void> {
  await loadLeaders(cluster, [topic]);
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }]);
  const first = Number(found?.partitions[0]?.offset ?? 0);
  if (first > offset) throw dropped(`${topic}/${partition} up to ${first} before a scan had read from ${offset}`);
}

const isOutOfRange = (error: unknown): error is Error & { topic: string; partition: number } =>
  error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange';

function droppedError(
  { topic, partition }: { topic: string; partition: number },
  cursors: readonly Cursor[],
): LogError {
  const cursor = cursors.find((one) => one.topic === topic && one.partition === partition);
  return dropped(`${topic}/${partition} before a scan had read from ${cursor?.position}`);
}

const dropped = (what: string) => new LogError('LOG_OFFSET_OUT_OF_RANGE', `Retention dropped ${what}`);

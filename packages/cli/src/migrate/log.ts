/**
 * Copies a log record by record, each to the offset that it had: so committed offsets, cursors that subscribers keep and the origin
 * of dead letters stay true. The target says by itself how far an earlier attempt came; nothing else is noted.
 */
import {
  type EventLog,
  type LogRecord,
  type NewRecord,
  type Position,
  partitionOf,
  type Watermark,
} from '@coachloop/event-log';
import { CliError } from '../errors.ts';

/** One append: about what a producer sends in a tenth of a second. */
const APPEND_RECORDS_MAX = 5_000;
const APPEND_BYTES_MAX = 16 * 1024 * 1024;
const READ_RECORDS = 1_000;
const FILLER = 'coachloop-filler';

export interface LogPorts {
  readonly source: EventLog;
  readonly target: EventLog;
  /** Drops the records before these offsets in the target. */
  readonly dropBefore: (positions: readonly Position[]) => Promise<void>;
  /** Most records of one append; default 5,000. */
  readonly batchRecords?: number;
  readonly onProgress: (done: number, total: number, topic: string) => void;
}

/** Where both are, of one partition. */
interface Lane {
  readonly from: Watermark;
  readonly to: Watermark;
}

/** @returns how many records the source has, and how many of them were copied now. @throws CliError MIGRATION_DIVERGED */
export async function copyLog(ports: LogPorts, topics: readonly string[]) {
  const { source, target } = ports;
  const lanes = await lanesOf(source, target, topics);
  for (const lane of lanes) await assertContinues(ports, lane);
  await fill(ports, lanes);
  const records = lanes.reduce((sum, { from }) => sum + from.next - from.first, 0);
  let missing = lanes.reduce((sum, { from, to }) => sum + from.next - Math.max(from.first, to.next), 0);
  const copied = missing;
  const starts = lanes.map(({ from, to }) => ({ ...placeOf(from), offset: Math.max(from.first, to.next) }));
  for (const topic of topics) {
    for await (const batch of batches(ports, topic, starts)) {
      await append(target, batch);
      missing -= batch.length;
      ports.onProgress(records - missing, records, topic);
    }
  }
  for (const { from, to } of await lanesOf(source, target, topics))
    if (to.next !== from.next) throw diverged(to, `it ends at ${to.next} and not at ${from.next}`);
  return { records, copied };
}

async function lanesOf(source: EventLog, target: EventLog, topics: readonly string[]): Promise<readonly Lane[]> {
  const [from, to] = await Promise.all([source.watermarks(topics), target.watermarks(topics)]);
  const there = new Map(to.map((mark) => [nameOf(mark), mark]));
  return from.map((mark) => {
    const other = there.get(nameOf(mark));
    if (other === undefined) throw diverged(mark, 'it is not there');
    return { from: mark, to: other };
  });
}

/** What an earlier attempt left there ends with the record that ours has at the same offset, or within the filling before it. */
async function assertContinues({ source, target }: LogPorts, { from, to }: Lane): Promise<void> {
  if (to.next > from.next) throw diverged(to, `it has ${to.next} records, and there are ${from.next} to be copied`);
  if (to.next === to.first) {
    if (to.next === 0 || to.next === from.first) return;
    throw diverged(to, `its records up to ${to.next} are gone`);
  }
  const last = { ...placeOf(to), offset: to.next - 1 };
  const there = await recordAt(target, last);
  if (last.offset < from.first ? isFiller(there) : isSame(there, await recordAt(source, last))) return;
  throw diverged(to, `its record ${last.offset} is another one`);
}

async function recordAt(log: EventLog, place: Position): Promise<LogRecord | undefined> {
  const marks = await log.watermarks([place.topic]);
  const from = marks.map((mark) => ({
    ...placeOf(mark),
    offset: mark.partition === place.partition ? place.offset : mark.next,
  }));
  for await (const records of log.scan({ topics: [place.topic], from, maxBatchRecords: 1 })) return records[0];
  return undefined;
}

/**
 * Where retention has dropped the beginning, as many empty records stand in for it, and are dropped there too. They are dated 1970,
 * so that brokers put them in a file of their own, which goes with them.
 */
async function fill(ports: LogPorts, lanes: readonly Lane[]): Promise<void> {
  const { target, dropBefore, batchRecords = APPEND_RECORDS_MAX } = ports;
  const counts = Map.groupBy(lanes, ({ from }) => from.topic);
  for (const { from, to } of lanes) {
    const key = keyFor(from.partition, counts.get(from.topic)?.length ?? 1);
    for (let at = to.next; at < from.first; at += batchRecords) {
      const count = Math.min(batchRecords, from.first - at);
      const filler = { topic: from.topic, key, headers: { [FILLER]: Buffer.of() }, value: null, timestampMs: 0 };
      expectPlaces(await target.append(Array(count).fill(filler)), { ...placeOf(from), offset: at });
    }
  }
  const behind = lanes.filter(({ from, to }) => to.first < from.first);
  if (behind.length > 0) await dropBefore(behind.map(({ from }) => ({ ...placeOf(from), offset: from.first })));
}

const isFiller = (record: LogRecord | undefined): boolean => record?.headers[FILLER] !== undefined;

function keyFor(partition: number, partitions: number): string {
  for (let i = 0; ; i++) if (partitionOf(`filler-${i}`, partitions) === partition) return `filler-${i}`;
}

async function* batches(
  { source, batchRecords = APPEND_RECORDS_MAX }: LogPorts,
  topic: string,
  starts: readonly Position[],
) {
  let batch: LogRecord[] = [];
  let bytes = 0;
  const maxBatchRecords = Math.min(READ_RECORDS, batchRecords);
  const from = starts.filter((start) => start.topic === topic);
  for await (const records of source.scan({ topics: [topic], from, maxBatchRecords })) {
    batch.push(...records);
    bytes += records.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0);
    if (batch.length + maxBatchRecords <= batchRecords && bytes < APPEND_BYTES_MAX) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** One at a time: after one that failed nobody knows what is there, and what came behind it would be in the wrong place. */
async function append(target: EventLog, records: readonly LogRecord[]): Promise<void> {
  const positions = await target.append(records.map(copyOf));
  records.forEach((record, i) => {
    expectPlaces(positions.slice(i, i + 1), record);
  });
}

function copyOf({ topic, key, headers, value, timestampMs }: LogRecord): NewRecord {
  // Keys are absent in what foreign producers send to Kafka, never in an embedded log.
  return { topic, key: key ?? '', headers, value, timestampMs };
}

function expectPlaces(positions: readonly Position[], { topic, partition, offset }: Position): void {
  positions.forEach((position, i) => {
    if (position.partition === partition && position.offset === offset + i) return;
    const found = `${position.topic}/${position.partition}/${position.offset}`;
    throw diverged({ topic, partition }, `record ${offset + i} was written to ${found}; somebody else writes there`);
  });
}

function isSame(a: LogRecord | undefined, b: LogRecord | undefined): boolean {
  if (!a || !b || a.key !== b.key || a.timestampMs !== b.timestampMs) return false;
  const names = Object.keys(b.headers);
  return (
    sameBytes(a.value, b.value) &&
    names.length === Object.keys(a.headers).length &&
    names.every((name) => sameBytes(a.headers[name], b.headers[name]))
  );
}

const sameBytes = (a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean =>
  a && b ? Buffer.compare(a, b) === 0 : a === b;

type Place = Pick<Position, 'topic' | 'partition'>;
const placeOf = ({ topic, partition }: Place): Place => ({ topic, partition });
const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;
const diverged = (place: Place, how: string): CliError =>
  new CliError('MIGRATION_DIVERGED', `${nameOf(place)} in Kafka is not what is being moved: ${how}.`);

import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { PartitionState, type ReadLimits, type StoredState, type StoredTopic } from '../core/storage.ts';
import { LogError } from '../errors.ts';
import type { LogRecord } from '../port.ts';
import { decodeBlock } from './codec.ts';
import { checksum } from './schema.ts';

const BLOCKS = 'SELECT shard, last, count, latest_ms, body, crc FROM block WHERE shard = ?';
const BLOCKS_FROM = `${BLOCKS} AND last >= ? ORDER BY last`;
const LAST_BLOCK = `${BLOCKS} ORDER BY last DESC LIMIT 1`;
const FIRST_LAST = 'SELECT min(last) AS last FROM block WHERE shard = ?';

interface BlockRow {
  readonly base: number;
  readonly last: number;
  readonly latestMs: number;
  readonly body: Uint8Array;
}

type Place = Pick<PartitionState, 'topic' | 'partition'>;

/** Every group that has committed something in a file: for whoever moves all of it. Another connection may have it open. */
export function groupsIn(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare('SELECT DISTINCT group_name FROM group_offset ORDER BY group_name').all();
    return rows.map((row) => String(row.group_name));
  } finally {
    database.close();
  }
}

/** A connection of the main thread that only reads. In WAL mode it neither waits for the writer nor holds it up. */
export class Reader {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #blocksFrom: StatementSync;
  readonly #firstLast: StatementSync;

  constructor(file: string) {
    this.#file = file;
    this.#database = new DatabaseSync(file, { readOnly: true });
    this.#blocksFrom = this.#database.prepare(BLOCKS_FROM);
    this.#blocksFrom.setReturnArrays(true);
    this.#firstLast = this.#database.prepare(FIRST_LAST);
  }

  /**
   * What is in the file, and the greatest time per shard into `latestMs`. Checks all but the blocks, and of those the last
   * one of every partition, where a crash would show; the others are checked whenever they are read.
   */
  load(latestMs: Map<number, number>): StoredState {
    const trimmed = new Map<number, number>();
    for (const row of this.#rows('SELECT shard, first, crc FROM trimmed')) trimmed.set(Number(row[0]), Number(row[1]));
    const lastBlock = this.#database.prepare(LAST_BLOCK);
    lastBlock.setReturnArrays(true);
    const partitionAt = (topic: string, partition: number, shard: number): PartitionState => {
      const first = trimmed.get(shard) ?? 0;
      const row: unknown = lastBlock.get(shard);
      if (row === undefined) return new PartitionState(topic, partition, shard, first, first);
      const block = this.#checked(row, { topic, partition });
      latestMs.set(shard, block.latestMs);
      return new PartitionState(topic, partition, shard, first, block.last + 1);
    };
    const topics = this.#rows(
      'SELECT name, partitions, first_shard, retention_ms, crc FROM topic ORDER BY first_shard',
    );
    const offsets = this.#rows('SELECT group_name, topic, partition, next, crc FROM group_offset');
    return {
      topics: topics.map(([name, count, firstShard, retentionMs]): StoredTopic => {
        const spec = { name: String(name), partitions: Number(count) };
        const shard = Number(firstShard);
        return {
          spec: retentionMs === null ? spec : { ...spec, retentionMs: Number(retentionMs) },
          partitions: Array.from({ length: spec.partitions }, (_, i) => partitionAt(spec.name, i, shard + i)),
        };
      }),
      offsets: offsets.map(([group, topic, partition, next]) => ({
        group: String(group),
        position: { topic: String(topic), partition: Number(partition), offset: Number(next) },
      })),
    };
  }

  read(partition: PartitionState, from: number, limits: ReadLimits): LogRecord[] {
    const records: LogRecord[] = [];
    if (from >= limits.end) return records;
    const { topic } = partition;
    const room = { from, end: limits.end, records: limits.records, bytes: limits.bytes };
    let expected = from;
    for (const row of this.#blocksFrom.iterate(partition.shard, from)) {
      const { base, last, body } = this.#checked(row, partition);
      if (base > expected || last < expected) break;
      const block = { topic, partition: partition.partition, base, count: last - base + 1, body };
      expected = last + 1;
      if (!decodeBlock(block, room, records) || expected >= limits.end) return records;
    }
    throw this.#damaged(partition, `the block of offset ${expected} is missing`);
  }

  /** Halves the range until one block is left: `latest_ms` only rises with the offset. */
  seek(partition: PartitionState, timestampMs: number): number {
    let low = partition.first;
    let high = partition.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row: unknown = this.#blocksFrom.get(partition.shard, middle);
      const block = row === undefined ? undefined : this.#checked(row, partition);
      if (block === undefined || block.base > middle) {
        throw this.#damaged(partition, `the block of offset ${middle} is missing`);
      }
      if (block.latestMs < timestampMs) low = block.last + 1;
      else high = block.base;
    }
    return Math.max(low, partition.first);
  }

  hasBlocksBelow(shard: number, first: number): boolean {
    const last = this.#firstLast.get(shard)?.last;
    return typeof last === 'number' && last < first;
  }

  assertReadable(): void {
    this.#database.prepare('SELECT count(*) FROM topic').get();
  }

  close(): void {
    this.#database.close();
  }

  /** Rows without a body, their checksum being the last column. */
  #rows(sql: string): SQLOutputValue[][] {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    const rows = statement.all() as unknown as SQLOutputValue[][]; // what setReturnArrays makes of it
    return rows.map((row) => {
      const columns = row.slice(0, -1);
      if (checksum(columns) === row.at(-1)) return columns;
      throw new LogError('LOG_CORRUPT', `${this.#file} is damaged: the checksum of a row is wrong (${sql})`);
    });
  }

  #checked(row: unknown, where: Place): BlockRow {
    const [shard, last, count, latestMs, body, crc] = row as unknown[]; // the columns of BLOCKS
    const columns = [Number(shard), Number(last), Number(count), Number(latestMs)];
    if (!(body instanceof Uint8Array) || checksum(columns, body) !== crc) {
      throw this.#damaged(where, `the checksum of the block up to offset ${last} is wrong`);
    }
    return { base: Number(last) - Number(count) + 1, last: Number(last), latestMs: Number(latestMs), body };
  }

  #damaged({ topic, partition }: Place, how: string): LogError {
    return new LogError('LOG_CORRUPT', `${this.#file} is damaged: ${topic}/${partition}: ${how}`);
  }
}

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { PartitionState, type ReadLimits, type StoredState, type StoredTopic } from '../core/storage.ts';
import { LogError } from '../errors.ts';
import type { LogRecord } from '../port.ts';
import { type Block, decodeBlock } from './codec.ts';

const BLOCKS = 'SELECT last, count, crc, body FROM block WHERE shard = ? AND last >= ? ORDER BY last';
const NEXT_BLOCK = 'SELECT last, count, latest_ms FROM block WHERE shard = ? AND last >= ? ORDER BY last LIMIT 1';
const LAST_BLOCK = 'SELECT last, count, latest_ms, crc, body FROM block WHERE shard = ? ORDER BY last DESC LIMIT 1';

/** A connection of the main thread that only reads. In WAL mode it neither waits for the writer nor holds it up. */
export class Reader {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #blocks: StatementSync;
  readonly #nextBlock: StatementSync;

  constructor(file: string) {
    this.#file = file;
    this.#database = new DatabaseSync(file, { readOnly: true });
    this.#blocks = this.#database.prepare(BLOCKS);
    this.#blocks.setReturnArrays(true);
    this.#nextBlock = this.#database.prepare(NEXT_BLOCK);
  }

  /**
   * What is in the file, and the greatest time per shard into `latestMs`. Checks the last block of every partition, where a
   * crash would show; all others are checked whenever they are read.
   */
  load(latestMs: Map<number, number>): StoredState {
    const lastBlock = this.#database.prepare(LAST_BLOCK);
    const trimmed = new Map<number, number>();
    for (const row of this.#database.prepare('SELECT shard, first FROM trimmed').all())
      trimmed.set(Number(row.shard), Number(row.first));
    const partitionAt = (topic: string, partition: number, shard: number): PartitionState => {
      const first = trimmed.get(shard) ?? 0;
      const row = lastBlock.get(shard);
      if (row === undefined) return new PartitionState(topic, partition, shard, first, first);
      this.#check({ topic, partition }, Number(row.last), Number(row.crc), row.body);
      latestMs.set(shard, Number(row.latest_ms));
      return new PartitionState(topic, partition, shard, first, Number(row.last) + 1);
    };
    const topics = this.#database
      .prepare('SELECT * FROM topic ORDER BY first_shard')
      .all()
      .map((row): StoredTopic => {
        const name = String(row.name);
        const partitions = Number(row.partitions);
        const spec =
          row.retention_ms === null
            ? { name, partitions }
            : { name, partitions, retentionMs: Number(row.retention_ms) };
        return {
          spec,
          partitions: Array.from({ length: partitions }, (_, i) => partitionAt(name, i, Number(row.first_shard) + i)),
        };
      });
    const offsets = this.#database
      .prepare('SELECT * FROM group_offset')
      .all()
      .map((row) => ({
        group: String(row.group_name),
        position: { topic: String(row.topic), partition: Number(row.partition), offset: Number(row.next) },
      }));
    return { topics, offsets };
  }

  read(partition: PartitionState, from: number, limits: ReadLimits): LogRecord[] {
    const records: LogRecord[] = [];
    const room = { from, end: limits.end, records: limits.records, bytes: limits.bytes };
    let expected = from;
    if (from >= limits.end) return records;
    for (const row of this.#blocks.iterate(partition.shard, from)) {
      const block = this.#block(partition, row, expected);
      if (!this.#decode(block, room, records)) break;
      expected = block.base + block.count;
      if (expected >= limits.end) break;
    }
    if (records.length === 0) throw this.#damaged(partition, from, 'it is missing');
    return records;
  }

  /** Halves the range until one block is left: `latest_ms` only rises with the offset. */
  seek(partition: PartitionState, timestampMs: number): number {
    let low = partition.first;
    let high = partition.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#nextBlock.get(partition.shard, middle);
      if (row === undefined) throw this.#damaged(partition, middle, 'it is missing');
      if (Number(row.latest_ms) < timestampMs) low = Number(row.last) + 1;
      else high = Math.min(middle, Number(row.last) - Number(row.count) + 1);
    }
    return Math.max(low, partition.first);
  }

  hasBlocksBelow(shard: number, first: number): boolean {
    const row = this.#nextBlock.get(shard, 0);
    return row !== undefined && Number(row.last) < first;
  }

  assertReadable(): void {
    this.#database.prepare('SELECT count(*) FROM topic').get();
  }

  close(): void {
    this.#database.close();
  }

  #block({ topic, partition }: PartitionState, row: unknown, expected: number): Block {
    const [last, count, crc, body] = row as unknown[]; // the columns of BLOCKS
    const base = Number(last) - Number(count) + 1;
    if (base > expected) throw this.#damaged({ topic, partition }, expected, 'it is missing');
    return {
      topic,
      partition,
      base,
      count: Number(count),
      body: this.#check({ topic, partition }, Number(last), Number(crc), body),
    };
  }

  #check(where: { topic: string; partition: number }, last: number, crc: number, body: unknown): Uint8Array {
    if (body instanceof Uint8Array && crc32(body) === crc) return body;
    throw this.#damaged(where, last, 'its checksum is wrong');
  }

  #decode(block: Block, room: Parameters<typeof decodeBlock>[1], records: LogRecord[]): boolean {
    try {
      return decodeBlock(block, room, records);
    } catch (error) {
      if (error instanceof RangeError) throw this.#damaged(block, block.base, 'its lengths make no sense');
      throw error;
    }
  }

  #damaged({ topic, partition }: { topic: string; partition: number }, offset: number, how: string): LogError {
    return new LogError(
      'LOG_CORRUPT',
      `${this.#file} is damaged: the block of ${topic}/${partition} at offset ${offset}: ${how}`,
    );
  }
}

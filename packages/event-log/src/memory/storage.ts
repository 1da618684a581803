import type { PartitionState, ReadLimits, Slice, Storage, StoredState } from '../core/storage.ts';
import type { Headers, LogRecord, NewRecord } from '../port.ts';

/** The records of one partition that are kept; `records[0]` has the offset `base`. */
interface Kept {
  base: number;
  records: LogRecord[];
}

export class MemoryStorage implements Storage {
  readonly #kept = new Map<number, Kept>();

  load(): StoredState {
    return { topics: [], offsets: [] };
  }

  async saveTopics(): Promise<void> {}

  append(slices: readonly Slice[]): Promise<void> {
    for (const { partition, records, nowMs } of slices) {
      const kept = this.#of(partition);
      for (const record of records) kept.records.push(copy(record, partition, kept.base + kept.records.length, nowMs));
    }
    return Promise.resolve();
  }

  read(partition: PartitionState, from: number, limits: ReadLimits): LogRecord[] {
    const { base, records } = this.#of(partition);
    const end = Math.min(limits.end, from + limits.records);
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let offset = from; offset < end; offset++) {
      const record = records[offset - base];
      if (record === undefined) break;
      bytes += record.value?.byteLength ?? 0;
      if (bytes > limits.bytes && found.length > 0) break;
      found.push(record);
    }
    return found;
  }

  seek(partition: PartitionState): number {
    return partition.first;
  }

  async trim(partition: PartitionState, first: number): Promise<void> {
    const kept = this.#of(partition);
    kept.records = kept.records.slice(first - kept.base);
    kept.base = first;
  }

  noteOffset(): void {}

  async saveOffsets(): Promise<void> {}

  healthy(): boolean {
    return true;
  }

  async close(): Promise<void> {}

  #of({ shard }: PartitionState): Kept {
    let kept = this.#kept.get(shard);
    if (kept === undefined) {
      kept = { base: 0, records: [] };
      this.#kept.set(shard, kept);
    }
    return kept;
  }
}

/** The caller may use its buffers again once append resolved. */
function copy(record: NewRecord, { topic, partition }: PartitionState, offset: number, nowMs: number): LogRecord {
  const { key, value, timestampMs = nowMs } = record;
  const headers: Headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, bytes]) => [name, new Uint8Array(bytes)]),
  );
  return { topic, partition, offset, key, headers, value: value && new Uint8Array(value), timestampMs };
}

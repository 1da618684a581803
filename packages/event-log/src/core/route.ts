import { partitionOf } from '../partition.ts';
import type { NewRecord, Position } from '../port.ts';
import { assertCount, assertTotal, sizeOf } from './bounds.ts';
import type { PartitionState, Slice } from './storage.ts';

export interface Routed {
  readonly slices: readonly Slice[];
  readonly positions: readonly Position[];
}

/** Checks a whole append and splits it by partition. Changes nothing: offsets are reserved when the storage has taken it. */
export function route(
  records: readonly NewRecord[],
  partitionsOf: (topic: string) => readonly PartitionState[],
  nowMs: number,
): Routed {
  assertCount(records);
  const slices = new Map<PartitionState, Slice>();
  const positions: Position[] = [];
  let total = 0;
  for (const record of records) {
    const bytes = sizeOf(record);
    total += bytes;
    const partitions = partitionsOf(record.topic);
    const partition = partitions[partitionOf(record.key, partitions.length)] as PartitionState; // partitionOf is in range
    let slice = slices.get(partition);
    if (slice === undefined) {
      slice = { partition, base: partition.reserved, records: [], bytes: 0, nowMs };
      slices.set(partition, slice);
    }
    positions.push({ topic: record.topic, partition: partition.partition, offset: slice.base + slice.records.length });
    slice.records.push(record);
    slice.bytes += bytes;
  }
  assertTotal(total);
  return { slices: [...slices.values()], positions };
}

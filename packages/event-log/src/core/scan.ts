import { LogError } from '../errors.ts';
import type { LogRecord, ScanOptions } from '../port.ts';
import type { Scheduler } from './scheduler.ts';
import type { PartitionState, Storage } from './storage.ts';
import { Wakeup } from './wakeup.ts';

const BATCH_RECORDS_DEFAULT = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

export interface Cursor {
  readonly partition: PartitionState;
  position: number;
  /** Where to stop, exclusive; infinite when following. */
  readonly end: number;
}

export interface ScanPorts {
  readonly storage: Storage;
  readonly scheduler: Scheduler;
  /** Aborted when the log closes. */
  readonly closed: AbortSignal;
}

/** Reads the cursors' partitions in turn, a batch of one partition at a time. */
export async function* scanCursors(
  cursors: readonly Cursor[],
  options: ScanOptions,
  ports: ScanPorts,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  const wakeup = new Wakeup();
  const { signal } = options;
  const sources = cursors.map((cursor) => cursor.partition);
  for (const source of sources) source.listen(wakeup.ring);
  signal?.addEventListener('abort', wakeup.ring);
  ports.closed.addEventListener('abort', wakeup.ring);
  try {
    for (;;) {
      let idle = true;
      for (const cursor of cursors) {
        if (signal?.aborted) return;
        const records = readNext(cursor, options, ports);
        if (records.length === 0) continue;
        idle = false;
        yield records;
        await ports.scheduler.yield();
      }
      if (idle && !options.follow) return;
      // Nothing is awaited between the reads above and here, so no append can slip through unnoticed.
      if (idle) await wakeup.next();
    }
  } finally {
    for (const source of sources) source.unlisten(wakeup.ring);
    signal?.removeEventListener('abort', wakeup.ring);
    ports.closed.removeEventListener('abort', wakeup.ring);
  }
}

function readNext(cursor: Cursor, options: ScanOptions, { storage, closed }: ScanPorts): LogRecord[] {
  const { partition, position } = cursor;
  if (closed.aborted) throw new LogError('LOG_CLOSED', `The log was closed during a scan of ${partition.topic}`);
  if (position < partition.first && position < cursor.end) throw droppedError(cursor);
  const records = storage.read(partition, position, {
    end: Math.min(partition.next, cursor.end),
    records: options.maxBatchRecords ?? BATCH_RECORDS_DEFAULT,
    bytes: BATCH_BYTES_MAX,
  });
  cursor.position += records.length; // offsets are dense
  return records;
}

/** Retention overtook the scan: a hole in what was promised whole is an error, not silence. */
function droppedError({ partition, position }: Cursor): LogError {
  return new LogError(
    'LOG_OFFSET_OUT_OF_RANGE',
    `Retention dropped ${partition.topic}/${partition.partition} up to ${partition.first} before a scan had read from ${position}`,
  );
}

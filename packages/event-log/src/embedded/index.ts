import { resolve } from 'node:path';
import { StorageLog } from '../core/log.ts';
import { type Clock, type Scheduler, systemScheduler } from '../core/scheduler.ts';
import { LogError } from '../errors.ts';
import type { EventLog } from '../port.ts';
import { faultOf } from './faults.ts';
import { lockFile } from './lock.ts';
import { EmbeddedStorage } from './storage.ts';

export { type FolderLock, lockFolder } from './lock.ts';
export { groupsIn } from './reader.ts';

export interface EmbeddedLogOptions {
  readonly file: string;
  readonly clock: Clock;
  /** What acknowledged appends survive; default `power-loss`. `process-crash` saves the fsync of each transaction. */
  readonly durability?: 'power-loss' | 'process-crash';
  /**
   * The log stopped for good: disk full, disk error, damaged file. Called once; the process should say why and exit with
   * another code than 0. Without it every call still fails with the same error.
   */
  readonly onFatal?: (error: LogError) => void;
  readonly scheduler?: Scheduler;
  /** Most records and bytes that may wait to be written before `LOG_OVERLOADED`; default 100,000 and 128 MiB. */
  readonly queueRecordsMax?: number;
  readonly queueBytesMax?: number;
  /** For tests of a full disk: the most pages (8 KiB) that the file may have. */
  readonly maxPages?: number;
}

/**
 * The log in one SQLite file, for one process. Throws `LOG_LOCKED`, `LOG_CORRUPT`, `LOG_FORMAT_UNKNOWN`, `LOG_DISK_FULL`,
 * `LOG_DISK_FAILED`.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const { clock, scheduler = systemScheduler, onFatal, maxPages } = options;
  const file = resolve(options.file);
  const lock = lockFile(file);
  const storage = await EmbeddedStorage.open(
    {
      file,
      durability: options.durability ?? 'power-loss',
      queueRecordsMax: options.queueRecordsMax ?? 100_000,
      queueBytesMax: options.queueBytesMax ?? 128 * 1024 * 1024,
      onFatal: once(onFatal),
      ...(maxPages === undefined ? {} : { maxPages }),
    },
    lock,
  );
  try {
    return new StorageLog({ storage, clock, scheduler });
  } catch (error) {
    await storage.close();
    throw new LogError('LOG_CORRUPT', `${file} contradicts itself: ${faultOf(error).message}`, { cause: error });
  }
}

function once(report: ((error: LogError) => void) | undefined): (error: LogError) => void {
  let reported = false;
  return (error) => {
    if (!reported) report?.(error);
    reported = true;
  };
}

import { LogError, type LogErrorCode } from '../errors.ts';

/** SQLITE_IOERR_SHMSIZE: the index of the WAL could not grow. It comes before SQLITE_FULL when that index needs room first. */
const SHM_CANNOT_GROW = 4874;

/** SQLite's primary result codes that are about the file or the disk, not the statement; and one extended one. https://sqlite.org/rescode.html */
const CODES = new Map<number, readonly [LogErrorCode, string]>([
  [8, ['LOG_DISK_FAILED', 'it cannot be written']],
  [10, ['LOG_DISK_FAILED', 'the system could not read or write it']],
  [11, ['LOG_CORRUPT', 'it is damaged']],
  [13, ['LOG_DISK_FULL', 'no space is left to write it']],
  [SHM_CANNOT_GROW, ['LOG_DISK_FULL', 'no space is left to write it']],
  [14, ['LOG_DISK_FAILED', 'it cannot be opened']],
  [26, ['LOG_CORRUPT', 'it is damaged, or no database']],
]);

/** What crosses from the writing thread: errors lose their class and fields on the way. */
export interface Fault {
  readonly message: string;
  readonly code?: LogErrorCode;
  /** SQLite's extended result code. */
  readonly errcode?: number;
  /** The system's error name, such as ENOSPC. */
  readonly system?: string;
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  if (error instanceof LogError) return { message: error.what, code: error.code };
  if ('errcode' in error && typeof error.errcode === 'number') return { message, errcode: error.errcode };
  if ('syscall' in error && 'code' in error && typeof error.code === 'string') return { message, system: error.code };
  return { message };
}

/** The error that a caller sees for what happened to `file`. */
export function logErrorOf(error: unknown, file: string): LogError {
  return error instanceof LogError ? error : faultError(faultOf(error), file, { cause: error });
}

export function faultError({ code, errcode, system, message }: Fault, file: string, options?: ErrorOptions): LogError {
  if (code !== undefined) return new LogError(code, message, options);
  const known = CODES.get(errcode ?? 0) ?? CODES.get((errcode ?? 0) & 0xff); // the upper bits are the extended code
  if (known !== undefined) return new LogError(known[0], `${file}: ${known[1]} (${message})`, options);
  if (system === 'ENOSPC' || system === 'EDQUOT') return new LogError('LOG_DISK_FULL', `${file}: ${message}`, options);
  if (system !== undefined) return new LogError('LOG_DISK_FAILED', `${file}: ${message}`, options);
  return new LogError('LOG_UNAVAILABLE', `${file} could not be used: ${message}`, options);
}

import { LogError, type LogErrorCode } from '../errors.ts';

/** SQLite's primary result codes that mean the file or the disk, not the statement. https://sqlite.org/rescode.html */
const FULL = 13;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const DISK = new Map([
  [10, 'the system could not read or write it'],
  [14, 'it cannot be opened'],
  [8, 'it cannot be written'],
]);

/** What crosses from the writing thread: errors lose their class and fields on the way. */
export interface Fault {
  readonly code?: LogErrorCode;
  readonly errcode?: number;
  readonly message: string;
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  if (error instanceof LogError) return { message: error.what, code: error.code };
  return 'errcode' in error && typeof error.errcode === 'number' ? { message, errcode: error.errcode } : { message };
}

/** The error that a caller sees for what SQLite reported about `file`. */
export function logErrorOf(error: unknown, file: string): LogError {
  return error instanceof LogError ? error : faultError(faultOf(error), file, error);
}

export function faultError({ code, errcode, message }: Fault, file: string, error?: unknown): LogError {
  if (code !== undefined) return new LogError(code, message);
  const primary = (errcode ?? 0) & 0xff; // the rest is the extended code
  const cause = error === undefined ? undefined : { cause: error };
  if (primary === FULL) return new LogError('LOG_DISK_FULL', `No space is left to write ${file}`, cause);
  if (primary === CORRUPT || primary === NOT_A_DATABASE)
    return new LogError('LOG_CORRUPT', `${file} is damaged: ${message}`, cause);
  const disk = DISK.get(primary);
  if (disk !== undefined) return new LogError('LOG_DISK_FAILED', `${file}: ${disk} (${message})`, cause);
  return new LogError('LOG_UNAVAILABLE', `${file} could not be used: ${message}`, cause);
}

import { StoreError, type StoreErrorCode } from '../errors.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE = { BUSY: 5, CORRUPT: 11, FULL: 13, NOTADB: 26 } as const;
/** SQLITE_IOERR_SHMSIZE: the index of the WAL could not grow. It comes before SQLITE_FULL when that index needs room first. */
const SHM_CANNOT_GROW = 4874;

/** Whatever SQLite threw, as an error of this package that names the file. */
export function toStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError(codeOf(error), `${file}: ${message}.`, { cause: error });
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE.BUSY;
}

function codeOf(error: unknown): StoreErrorCode {
  if (extendedCode(error) === SHM_CANNOT_GROW) return 'STORE_DISK_FULL';
  switch (primaryCode(error)) {
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return 'STORE_CORRUPT';
    case SQLITE.FULL:
      return 'STORE_DISK_FULL';
    default:
      return 'STORE_IO_FAILED';
  }
}

function primaryCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

const extendedCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

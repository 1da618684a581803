import { StoreError, type StoreErrorCode } from '../errors.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE = { BUSY: 5, CORRUPT: 11, FULL: 13, NOTADB: 26 } as const;

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
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return undefined;
  return error.errcode & 0xff;
}

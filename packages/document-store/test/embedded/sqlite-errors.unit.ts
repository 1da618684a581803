import { expect, test } from 'vitest';
import { toStoreError } from '../../src/embedded/sqlite-errors.ts';

/** Extended result codes as SQLite gives them (sqlite.org/rescode.html). */
test.each([
  ['SQLITE_FULL', 13, 'STORE_DISK_FULL'],
  ['SQLITE_IOERR_SHMSIZE: no room for the index of the WAL', 4874, 'STORE_DISK_FULL'],
  ['SQLITE_IOERR_WRITE', 778, 'STORE_IO_FAILED'],
  ['SQLITE_CORRUPT_INDEX', 779, 'STORE_CORRUPT'],
  ['SQLITE_NOTADB', 26, 'STORE_CORRUPT'],
])('%s (%i) is %s', (_name, errcode, code) => {
  const error = Object.assign(new Error('as it says'), { errcode });
  expect(toStoreError(error, 'a.db')).toMatchObject({ code, message: expect.stringContaining('a.db') });
});

import { expect, test } from 'vitest';
import { logErrorOf } from '../../src/embedded/faults.ts';

/** Extended result codes as SQLite gives them (sqlite.org/rescode.html). */
test.each([
  ['SQLITE_FULL', 13, 'LOG_DISK_FULL'],
  ['SQLITE_IOERR_SHMSIZE: no room for the index of the WAL', 4874, 'LOG_DISK_FULL'],
  ['SQLITE_IOERR_WRITE', 778, 'LOG_DISK_FAILED'],
  ['SQLITE_CORRUPT_INDEX', 779, 'LOG_CORRUPT'],
])('%s (%i) is %s', (_name, errcode, code) => {
  const error = Object.assign(new Error('as it says'), { errcode });
  expect(logErrorOf(error, 'a.db')).toMatchObject({ code, message: expect.stringContaining('a.db') });
});

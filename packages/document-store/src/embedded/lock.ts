import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { isBusy, toStoreError } from './sqlite-errors.ts';

/**
 * Makes this process the only one that has the store open, until the returned function is called or the process ends in
 * whatever way: SQLite holds a lock of the operating system. It is on a file of its own, because an exclusive lock on the
 * data would keep our own reading connection out.
 */
export function lockStore(file: string): () => void {
  const lockFile = `${file}.lock`;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockFile);
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if (isBusy(error)) throw new StoreError('STORE_LOCKED', `${file} is open already.`);
    throw toStoreError(error, lockFile);
  }
  const held = lock;
  return () => held.close();
}

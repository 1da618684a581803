import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogError } from '../errors.ts';
import { logErrorOf } from './faults.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Takes a data folder for this process; throws `LOG_LOCKED` at once when another one, or this one, has it. The lock is one
 * of the system (SQLite's, on an empty file), so it is gone with the process however it dies, and nothing has to be
 * cleaned up. It needs a file system whose locks work: some network mounts have none.
 */
export function lockFolder(folder: string): FolderLock {
  const path = resolve(folder);
  return lock(join(path, '.coachloop-lock'), path);
}

/** The same for one file, by a file beside it. */
export function lockFile(file: string): FolderLock {
  const path = resolve(file);
  return lock(`${path}-lock`, path);
}

const SQLITE_BUSY = 5;

function lock(lockPath: string, what: string): FolderLock {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(lockPath), { recursive: true });
    database = new DatabaseSync(lockPath, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    if (database?.isOpen) database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new LogError('LOG_LOCKED', `${what} is in use by another process or was opened twice`);
    }
    throw logErrorOf(error, lockPath);
  }
  const held = database;
  return {
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}

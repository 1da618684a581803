import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DocumentStore } from '../port.ts';
import { Failure } from './failure.ts';
import { lockStore } from './lock.ts';
import type { EmbeddedStoreOptions } from './options.ts';
import { Reader } from './reader.ts';
import { RecentDocuments } from './recent.ts';
import { toStoreError } from './sqlite-errors.ts';
import { EmbeddedStore } from './store.ts';
import { Writer } from './writer.ts';

export { collectionsIn } from './catalog.ts';
export type { Durability, EmbeddedStoreOptions } from './options.ts';

/**
 * Opens, or makes, a document store in one SQLite file. One process at a time: another is refused with `STORE_LOCKED`.
 * Throws `STORE_CORRUPT`, `STORE_FILE_UNKNOWN`, `STORE_DISK_FULL` or `STORE_IO_FAILED` when the file cannot be used.
 */
export async function openEmbeddedStore(given: EmbeddedStoreOptions): Promise<DocumentStore> {
  const options = { ...given, file: resolve(given.file) };
  let unlock: (() => void) | undefined;
  try {
    mkdirSync(dirname(options.file), { recursive: true });
    unlock = lockStore(options.file);
    const failure = new Failure(options.file, options.onFatal);
    const writer = await Writer.open(options, failure);
    const reader = new Reader(options.file);
    const { recentCharactersMax = 0 } = options;
    const recent = recentCharactersMax > 0 ? new RecentDocuments(recentCharactersMax) : null;
    return new EmbeddedStore({ file: options.file, failure, writer, reader, recent, unlock });
  } catch (error) {
    unlock?.();
    throw toStoreError(error, options.file);
  }
}

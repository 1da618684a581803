import type { DocumentStore } from '../port.ts';
import { MongoConnection } from './connection.ts';
import { openLate } from './late.ts';
import type { MongoStoreOptions } from './options.ts';
import { MongoStore } from './store.ts';

export { type ApplyOptions, applyIndexes, type IndexChange } from './apply.ts';
export type { MongoCommand, MongoStoreOptions } from './options.ts';
export type { MongoStore } from './store.ts';

/**
 * Opens a document store in the database that the URI names (`coachloop` if it names none), on MongoDB 4.4 or later as a
 * replica set. Many processes at a time. Throws `STORE_ADDRESS_INVALID`, `STORE_ACCESS_DENIED` or, when no primary answers
 * in 5 s, `STORE_UNAVAILABLE`.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<MongoStore> {
  return new MongoStore(await MongoConnection.open(options), options);
}

/** The same, opened by its first call: a process can start, and say what it waits for, while the database is away. */
export function openMongoStoreLate(options: MongoStoreOptions): DocumentStore {
  return openLate(() => openMongoStore(options));
}

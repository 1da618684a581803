import { StoreError } from '../errors.ts';
import type { DocumentStore } from '../port.ts';

/**
 * A store that is opened by its first call, and by each further one until the server has answered: a process whose database is
 * away when it starts can say so, and wait. A call throws what opening threw; afterwards it costs a tick.
 */
export function openLate(open: () => Promise<DocumentStore>): DocumentStore {
  let opened: Promise<DocumentStore> | undefined;
  let closed: Promise<void> | undefined;
  const store = (): Promise<DocumentStore> => {
    if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'The MongoDB store was closed.'));
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    declare: async (collections) => (await store()).declare(collections),
    load: async (collection, ids) => (await store()).load(collection, ids),
    save: async (collection, writes) => (await store()).save(collection, writes),
    query: async (collection, query) => (await store()).query(collection, query),
    count: async (collection, query) => (await store()).count(collection, query),
    due: async (collection, atMs, limit, lanes) => (await store()).due(collection, atMs, limit, lanes),
    delete: async (collection, ids) => (await store()).delete(collection, ids),
    raise: async (collection, marks) => (await store()).raise(collection, marks),
    marks: async (collection, ids) => (await store()).marks(collection, ids),
    expireMarks: async (collection, nowMs) => (await store()).expireMarks(collection, nowMs),
    scan: async (collection, options) => (await store()).scan(collection, options),
    scanMarks: async (collection, options) => (await store()).scanMarks(collection, options),
    healthy: () =>
      store().then(
        (found) => found.healthy(),
        () => false,
      ),
    close: () => {
      closed ??= (opened ?? Promise.resolve(undefined)).then(
        (found) => found?.close(),
        () => undefined,
      );
      return closed;
    },
  };
}

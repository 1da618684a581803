import { checkId, checkIds, checkLimit, checkMarks, checkTime, declaredIndex, prepareWrites } from '../checks.ts';
import { StoreError } from '../errors.ts';
import type {
  CollectionSpec,
  DocumentStore,
  Mark,
  Page,
  Query,
  ScanOptions,
  StoredDocument,
  Verdict,
  Write,
} from '../port.ts';
import { Collections } from './collections.ts';
import type { MongoConnection } from './connection.ts';
import { toStoreError } from './failure.ts';
import type { MongoStoreOptions } from './options.ts';
import { Reader } from './reader.ts';
import { toRow } from './rows.ts';
import { Writer } from './writer.ts';

/** Checks what is asked, and turns whatever goes wrong into the port's errors. */
export class MongoStore implements DocumentStore {
  readonly #connection: MongoConnection;
  readonly #collections: Collections;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #inHand = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(connection: MongoConnection, options: MongoStoreOptions) {
    this.#connection = connection;
    this.#reader = new Reader(connection);
    const writer = new Writer(connection, options);
    this.#writer = writer;
    this.#collections = new Collections(connection, () => writer.saved(), options.expect);
  }

  declare(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#run('declaring', () => this.#collections.declare(structuredClone(collections)));
  }

  load(collection: string, ids: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    return this.#run('loading', async () => {
      this.#collections.documents(collection);
      checkIds(ids);
      return this.#reader.load(collection, ids);
    });
  }

  save(collection: string, given: readonly Write[]): Promise<readonly Verdict[]> {
    return this.#run('saving', async () => {
      let writes = given;
      const { pending } = this.#collections;
      if (pending) {
        writes = structuredClone(given);
        await pending;
      }
      const { indexes } = this.#collections.documents(collection).stored;
      const rows = prepareWrites(writes, indexes).map((write, i) =>
        toRow(write, writes[i]?.document.body ?? {}, indexes),
      );
      return rows.length === 0 ? [] : this.#writer.save(collection, rows);
    });
  }

  query(collection: string, query: Query): Promise<Page> {
    return this.#run('querying', async () => {
      const index = declaredIndex(this.#collections.documents(collection).declared, query.index);
      return this.#reader.query(collection, index, query, checkLimit(query.limit));
    });
  }

  count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number> {
    return this.#run('counting', async () => {
      const { declared } = this.#collections.documents(collection);
      return this.#reader.count(collection, query && declaredIndex(declared, query.index), query);
    });
  }

  due(collection: string, atMs: number, limit: number, lanes?: readonly string[]): Promise<readonly StoredDocument[]> {
    return this.#run('looking for timers', async () => {
      this.#collections.documents(collection);
      checkTime(atMs, 'atMs');
      checkLimit(limit);
      return this.#reader.due(collection, atMs, limit, lanes);
    });
  }

  delete(collection: string, ids: readonly string[]): Promise<void> {
    return this.#run('deleting', async () => {
      this.#collections.documents(collection);
      checkIds(ids);
      if (ids.length > 0) await this.#writer.delete(collection, ids);
    });
  }

  raise(collection: string, marks: readonly Mark[]): Promise<void> {
    return this.#run('raising marks', async () => {
      this.#collections.marks(collection);
      checkMarks(marks);
      if (marks.length > 0) await this.#writer.raise(collection, marks);
    });
  }

  marks(collection: string, ids: readonly string[]): Promise<readonly (Mark | undefined)[]> {
    return this.#run('reading marks', async () => {
      this.#collections.marks(collection);
      checkIds(ids);
      return this.#reader.marks(collection, ids);
    });
  }

  expireMarks(collection: string, nowMs: number): Promise<number> {
    return this.#run('expiring marks', async () => {
      this.#collections.marks(collection);
      checkTime(nowMs, 'nowMs');
      return this.#writer.expire(collection, nowMs);
    });
  }

  scan(collection: string, { afterId, limit }: ScanOptions = {}): Promise<readonly StoredDocument[]> {
    return this.#run('scanning', async () => {
      this.#collections.documents(collection);
      if (afterId !== undefined) checkId(afterId, 'afterId');
      return this.#reader.scan(collection, afterId ?? '', checkLimit(limit));
    });
  }

  scanMarks(collection: string, { afterId, limit }: ScanOptions = {}): Promise<readonly Mark[]> {
    return this.#run('scanning marks', async () => {
      this.#collections.marks(collection);
      if (afterId !== undefined) checkId(afterId, 'afterId');
      return this.#reader.scanMarks(collection, afterId ?? '', checkLimit(limit));
    });
  }

  /**
   * Puts documents where they are, version and all, in place of whatever has their ids: only for moving documents into a database
   * that nobody else writes to. Bounds as those of `save`; throws as it does, and is repeated as a whole.
   */
  restore(collection: string, documents: readonly StoredDocument[]): Promise<void> {
    return this.#run('restoring', async () => {
      const { indexes } = this.#collections.documents(collection).stored;
      const writes = documents.map((document) => ({ expectedVersion: document.version - 1, document }));
      const rows = prepareWrites(writes, indexes).map((write, i) => toRow(write, documents[i]?.body ?? {}, indexes));
      if (rows.length > 0) await this.#writer.restore(collection, rows);
    });
  }

  /** How many documents or marks there are, also where nothing was declared; makes nothing. */
  size(collection: string): Promise<number> {
    return this.#run('counting', () => this.#reader.count(collection, undefined));
  }

  async healthy(): Promise<boolean> {
    if (this.#closed) return false;
    try {
      return await this.#connection.ping();
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    this.#closed ??= Promise.allSettled(this.#inHand).then(() => this.#connection.close());
    return this.#closed;
  }

  async #run<T>(doing: string, action: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The MongoDB store was closed.');
    const running = action();
    this.#inHand.add(running);
    try {
      return await running;
    } catch (error) {
      throw toStoreError(error, doing);
    } finally {
      this.#inHand.delete(running);
    }
  }
}

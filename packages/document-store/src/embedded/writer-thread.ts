import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import type { CollectionSpec } from '../port.ts';
import { checkIntegrity, claimFile, declareCollection, readCatalog } from './catalog.ts';
import type { FromWriter, Operation, Result, WriterSettings } from './protocol.ts';
import { toStoreError } from './sqlite-errors.ts';
import { DocumentTable, MarkTable } from './tables.ts';

/**
 * The thread that owns all writes. Group commit: what has arrived by the time a transaction begins goes into it together,
 * so a slow fsync makes groups larger instead of making everybody wait for one of their own. Results leave after COMMIT.
 */

/** Documents per transaction: bounds how long one commit can keep the others waiting. */
const GROUP_DOCUMENTS_MAX = 4_000;
/** Fewer, larger pages: measured 10 % faster than 4 KiB for documents of 2 KB. */
const PAGE_BYTES = 8_192;
/** A checkpoint at about 32 MiB of WAL: pages that are written again and again are copied once. */
const CHECKPOINT_PAGES = 4_000;

function openFile({ file, durability, fileBytesMax }: WriterSettings): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  claimFile(db, file);
  checkIntegrity(db, file);
  // WAL: readers never wait. It can be refused, e.g. on a network file system.
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal') throw new StoreError('STORE_IO_FAILED', `${file}: this file system does not carry SQLite's WAL.`);
  // NORMAL does not sync on commit: consistent after a loss of power, but the last commits may be gone.
  db.exec(`
    PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${64 * 1024 * 1024};
    PRAGMA cache_size = ${-64 * 1024}`);
  if (fileBytesMax !== null) db.exec(`PRAGMA max_page_count = ${Math.floor(fileBytesMax / PAGE_BYTES)}`);
  return db;
}

class Writer {
  readonly #db: DatabaseSync;
  readonly #specs: Map<string, CollectionSpec>;
  readonly #documents = new Map<string, DocumentTable>();
  readonly #marks = new Map<string, MarkTable>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#specs = readCatalog(db);
    for (const spec of this.#specs.values()) this.#prepare(spec);
  }

  /** One transaction. Throws, with nothing written, when the file fails. */
  commit(group: readonly Operation[]): Result[] {
    this.#db.exec('BEGIN IMMEDIATE');
    const results = group.map((operation) => this.#apply(operation));
    this.#db.exec('COMMIT');
    return results;
  }

  #apply(operation: Operation): Result {
    switch (operation.kind) {
      case 'save': {
        const table = entry(this.#documents, operation.collection);
        return { kind: 'verdicts', verdicts: operation.rows.map((row) => table.save(row)) };
      }
      case 'delete': {
        const table = entry(this.#documents, operation.collection);
        for (const id of operation.ids) table.delete(id);
        return { kind: 'done' };
      }
      case 'raise': {
        const table = entry(this.#marks, operation.collection);
        for (const mark of operation.marks) table.raise(mark);
        return { kind: 'done' };
      }
      case 'expire':
        return { kind: 'count', count: entry(this.#marks, operation.collection).expire(operation.nowMs) };
      case 'declare':
        return this.#declare(operation.specs);
      case 'close':
        return { kind: 'done' };
    }
  }

  /** A declaration that contradicts what is there is undone alone; the rest of the group goes on. */
  #declare(specs: readonly CollectionSpec[]): Result {
    this.#db.exec('SAVEPOINT declaration');
    const merged = new Map<string, CollectionSpec>();
    try {
      for (const spec of specs) {
        const known = merged.get(spec.name) ?? this.#specs.get(spec.name);
        merged.set(spec.name, declareCollection(this.#db, known, spec));
      }
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'request')) throw error;
      this.#db.exec('ROLLBACK TO declaration; RELEASE declaration');
      return { kind: 'refused', code: error.code, detail: error.detail };
    }
    this.#db.exec('RELEASE declaration');
    for (const spec of merged.values()) this.#prepare(spec);
    return { kind: 'declared', specs: [...merged.values()] };
  }

  #prepare(spec: CollectionSpec): void {
    this.#specs.set(spec.name, spec);
    if (spec.marks) this.#marks.set(spec.name, new MarkTable(this.#db, spec));
    else this.#documents.set(spec.name, new DocumentTable(this.#db, spec));
  }
}

function entry<T>(tables: ReadonlyMap<string, T>, collection: string): T {
  const table = tables.get(collection);
  if (table) return table;
  throw new Error(`the writer does not know the collection "${collection}"`);
}

function run(settings: WriterSettings, port: NonNullable<typeof parentPort>): void {
  const say = (message: FromWriter) => port.postMessage(message);
  let db: DatabaseSync | undefined;
  let failed = false;
  const guarded = (action: () => void) => {
    // A closed port still delivers what had arrived; nothing may be written after a failure was reported.
    if (failed) return;
    try {
      action();
    } catch (error) {
      failed = true;
      const { code, detail } = toStoreError(error, settings.file);
      say({ kind: 'fatal', code, detail });
      port.close();
    }
  };
  guarded(() => {
    db = openFile(settings);
    const writer = new Writer(db);
    port.on('message', (first: Operation) => {
      guarded(() => {
        const group = gather(first, port);
        const results = writer.commit(group);
        const closing = group.at(-1)?.kind === 'close';
        // Closing copies the WAL into the file; it is reported closed when that is done.
        if (closing) db?.close();
        say({ kind: 'committed', results });
        if (closing) port.close();
      });
    });
    say({ kind: 'ready' });
  });
}

function gather(first: Operation, port: NonNullable<typeof parentPort>): Operation[] {
  const group = [first];
  let documents = size(first);
  while (documents < GROUP_DOCUMENTS_MAX && group.at(-1)?.kind !== 'close') {
    const received: { message: Operation } | undefined = receiveMessageOnPort(port);
    if (!received) break;
    group.push(received.message);
    documents += size(received.message);
  }
  return group;
}

function size(operation: Operation): number {
  return operation.kind === 'save' ? operation.rows.length : 1;
}

if (parentPort) run(workerData, parentPort);

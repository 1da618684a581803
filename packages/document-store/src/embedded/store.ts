import {
  checkId,
  checkIds,
  checkLimit,
  checkMarks,
  checkSpec,
  checkTime,
  declaredIndex,
  mergeSpecs,
  type PreparedWrite,
  prepareWrites,
  unknownCollection,
} from '../checks.ts';
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
import type { Failure } from './failure.ts';
import type { Result, SaveRow } from './protocol.ts';
import type { Reader } from './reader.ts';
import type { RecentDocuments } from './recent.ts';
import type { Writer } from './writer.ts';

interface Collection {
  /** As this process declared it: what may be queried. */
  readonly declared: CollectionSpec;
  /** With the indexes that only other releases declared: they are kept up too, for when that release comes back. */
  readonly stored: CollectionSpec;
}

export interface Parts {
  readonly file: string;
  readonly failure: Failure;
  readonly writer: Writer;
  readonly reader: Reader;
  /** Null: every load reads the file. */
  readonly recent: RecentDocuments | null;
  readonly unlock: () => void;
}

/** Checks and serializes on the calling thread, reads there, and hands writes to the writer thread. */
export class EmbeddedStore implements DocumentStore {
  readonly #parts: Parts;
  readonly #collections = new Map<string, Collection>();
  /** While a declaration is under way, saves wait: they would not fill the new indexes. */
  #declaring: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async declare(collections: readonly CollectionSpec[]): Promise<void> {
    this.#check();
    for (const spec of collections) checkSpec(spec);
    const before = this.#declaring;
    const declaring = (async () => {
      await before?.catch(() => {});
      await this.#declare(collections);
    })();
    this.#declaring = declaring;
    try {
      await declaring;
    } finally {
      if (this.#declaring === declaring) this.#declaring = undefined;
    }
  }

  async #declare(specs: readonly CollectionSpec[]): Promise<void> {
    const result = await this.#parts.writer.send({ kind: 'declare', specs });
    if (result.kind !== 'declared') throw unexpected(result);
    const stored = new Map(result.specs.map((spec) => [spec.name, spec]));
    for (const spec of specs) {
      const declared = mergeSpecs(this.#collections.get(spec.name)?.declared, spec);
      this.#collections.set(spec.name, { declared, stored: stored.get(spec.name) ?? declared });
    }
  }

  async load(collection: string, ids: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    const { stored } = this.#documents(collection);
    checkIds(ids);
    const { recent } = this.#parts;
    const known = ids.map((id) => recent?.get(collection, id));
    const missing = ids.filter((_, i) => !known[i]);
    if (missing.length === 0) return known;
    const read = this.#read((reader) => reader.load(stored, missing)).values();
    return known.map((document) => {
      if (document) return document;
      const found = read.next().value;
      if (found) recent?.put(collection, found.document, found.characters);
      return found?.document;
    });
  }

  async save(collection: string, given: readonly Write[]): Promise<readonly Verdict[]> {
    let writes = given;
    if (this.#declaring) {
      writes = structuredClone(given);
      await this.#declaring.catch(() => {});
    }
    const prepared = prepareWrites(writes, this.#documents(collection).stored.indexes);
    if (prepared.length === 0) return [];
    const characters = prepared.reduce((sum, write) => sum + write.text.length, 0);
    const rows = prepared.map(toRow);
    const result = await this.#parts.writer.send({ kind: 'save', collection, rows }, rows.length, characters);
    if (result.kind !== 'verdicts') throw unexpected(result);
    this.#remember(collection, writes, prepared, result.verdicts);
    return result.verdicts;
  }

  async query(collection: string, query: Query): Promise<Page> {
    const { declared, stored } = this.#documents(collection);
    const index = declaredIndex(declared, query.index);
    const limit = checkLimit(query.limit);
    return this.#read((reader) => reader.query(stored, index, query, limit));
  }

  async count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number> {
    const { declared, stored } = this.#documents(collection);
    const index = query && declaredIndex(declared, query.index);
    return this.#read((reader) => reader.count(stored, index, query));
  }

  async due(
    collection: string,
    atMs: number,
    limit: number,
    lanes?: readonly string[],
  ): Promise<readonly StoredDocument[]> {
    const { stored } = this.#documents(collection);
    checkTime(atMs, 'atMs');
    checkLimit(limit);
    return this.#read((reader) => reader.due(stored, atMs, limit, lanes));
  }

  async delete(collection: string, ids: readonly string[]): Promise<void> {
    this.#documents(collection);
    checkIds(ids);
    if (ids.length === 0) return;
    await this.#parts.writer.send({ kind: 'delete', collection, ids }, ids.length);
    for (const id of ids) this.#parts.recent?.forget(collection, id);
  }

  async raise(collection: string, marks: readonly Mark[]): Promise<void> {
    this.#marks(collection);
    checkMarks(marks);
    if (marks.length > 0) await this.#parts.writer.send({ kind: 'raise', collection, marks }, marks.length);
  }

  async marks(collection: string, ids: readonly string[]): Promise<readonly (Mark | undefined)[]> {
    const { stored } = this.#marks(collection);
    checkIds(ids);
    return this.#read((reader) => reader.marks(stored, ids));
  }

  async expireMarks(collection: string, nowMs: number): Promise<number> {
    this.#marks(collection);
    checkTime(nowMs, 'nowMs');
    const result = await this.#parts.writer.send({ kind: 'expire', collection, nowMs });
    if (result.kind !== 'count') throw unexpected(result);
    return result.count;
  }

  async scan(collection: string, { afterId, limit }: ScanOptions = {}): Promise<readonly StoredDocument[]> {
    const { stored } = this.#documents(collection);
    if (afterId !== undefined) checkId(afterId, 'afterId');
    const rows = checkLimit(limit);
    return this.#read((reader) => reader.scan(stored, afterId ?? '', rows));
  }

  async scanMarks(collection: string, { afterId, limit }: ScanOptions = {}): Promise<readonly Mark[]> {
    const { stored } = this.#marks(collection);
    if (afterId !== undefined) checkId(afterId, 'afterId');
    const rows = checkLimit(limit);
    return this.#read((reader) => reader.scanMarks(stored, afterId ?? '', rows));
  }

  async healthy(): Promise<boolean> {
    if (this.#closed) return false;
    try {
      return this.#read((reader) => reader.ping());
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { reader, writer, unlock } = this.#parts;
    // The last connection to close copies the WAL into the file: that is the writer's, off this thread.
    reader.close();
    try {
      await writer.close();
    } finally {
      unlock();
    }
  }

  #remember(
    collection: string,
    writes: readonly Write[],
    prepared: readonly PreparedWrite[],
    verdicts: readonly Verdict[],
  ): void {
    const { recent } = this.#parts;
    if (!recent) return;
    writes.forEach(({ document }, i) => {
      if (verdicts[i] === 'won') recent.put(collection, document, prepared[i]?.text.length ?? 0);
      else recent.forget(collection, document.id);
    });
  }

  #check(): void {
    this.#parts.failure.check();
    if (this.#closed) throw new StoreError('STORE_CLOSED', `${this.#parts.file} was closed.`);
  }

  #documents(name: string): Collection {
    this.#check();
    const collection = this.#collections.get(name);
    if (!collection || collection.stored.marks) throw unknownCollection(name, 'documents');
    return collection;
  }

  #marks(name: string): Collection {
    this.#check();
    const collection = this.#collections.get(name);
    if (!collection?.stored.marks) throw unknownCollection(name, 'marks');
    return collection;
  }

  #read<T>(read: (reader: Reader) => T): T {
    this.#parts.failure.check();
    try {
      return read(this.#parts.reader);
    } catch (error) {
      throw this.#parts.failure.report(error);
    }
  }
}

function toRow({ id, expectedVersion, wakeAt, lane, text, keys }: PreparedWrite): SaveRow {
  return [id, expectedVersion, wakeAt, lane, text, ...keys];
}

function unexpected(result: Result): Error {
  return new Error(`the writer thread answered "${result.kind}", which was not asked for`);
}

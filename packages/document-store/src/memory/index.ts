import {
  checkId,
  checkIds,
  checkLimit,
  checkMarks,
  checkSpec,
  checkTime,
  declaredIndex,
  mergeSpecs,
  prepareWrites,
  toJson,
  unknownCollection,
} from '../checks.ts';
import { StoreError } from '../errors.ts';
import { compareText } from '../index-keys.ts';
import type {
  CollectionSpec,
  DocumentStore,
  JsonObject,
  Mark,
  Page,
  Query,
  ScanOptions,
  StoredDocument,
  Verdict,
  Write,
} from '../port.ts';
import { Documents } from './documents.ts';
import { isShared } from './share.ts';

export interface MemoryStoreOptions {
  /**
   * Documents are frozen and shared with whoever saves and loads them, in place of being copied through JSON; how large they are
   * is not looked at. Whoever changes one gets a TypeError.
   */
  readonly share?: boolean;
}

/** A store in memory: deterministic, without timers or threads. For simulation and tests. */
export function createMemoryStore(options: MemoryStoreOptions = {}): DocumentStore {
  return new MemoryStore(options);
}

class MemoryStore implements DocumentStore {
  readonly #documents = new Map<string, Documents>();
  readonly #marks = new Map<string, Map<string, Mark>>();
  readonly #toText: (id: string, body: JsonObject) => string;
  #closed = false;

  constructor({ share = false }: MemoryStoreOptions) {
    this.#toText = share ? (id, body) => (isShared(body) ? '' : toJson(id, body)) : toJson;
  }

  async declare(collections: readonly CollectionSpec[]): Promise<void> {
    this.#checkOpen();
    for (const spec of collections) checkSpec(spec);
    for (const spec of collections) {
      const existing = this.#documents.get(spec.name);
      const marks = this.#marks.get(spec.name);
      const merged = mergeSpecs(existing?.spec ?? (marks && { ...spec, indexes: [], marks: true }), spec);
      if (existing && merged.indexes.length > existing.spec.indexes.length)
        existing.addIndexes(structuredClone(merged));
      if (!existing && !marks && spec.marks) this.#marks.set(spec.name, new Map());
      if (!existing && !marks && !spec.marks) this.#documents.set(spec.name, new Documents(structuredClone(merged)));
    }
  }

  async load(collection: string, ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    const documents = this.#documentsOf(collection);
    checkIds(ids);
    return ids.map((id) => documents.load(id));
  }

  async save(collection: string, writes: readonly Write[]): Promise<Verdict[]> {
    const documents = this.#documentsOf(collection);
    const prepared = prepareWrites(writes, documents.spec.indexes, this.#toText);
    return prepared.map((write, i) => documents.save(write, writes[i]?.document.body));
  }

  async query(collection: string, query: Query): Promise<Page> {
    const documents = this.#documentsOf(collection);
    return documents.query(declaredIndex(documents.spec, query.index), query, checkLimit(query.limit));
  }

  async due(
    collection: string,
    atMs: number,
    limit: number,
    lanes?: readonly string[],
  ): Promise<readonly StoredDocument[]> {
    const documents = this.#documentsOf(collection);
    checkTime(atMs, 'atMs');
    return documents.due(atMs, checkLimit(limit), lanes && new Set(lanes));
  }

  async delete(collection: string, ids: readonly string[]): Promise<void> {
    const documents = this.#documentsOf(collection);
    checkIds(ids);
    for (const id of ids) documents.delete(id);
  }

  async raise(collection: string, marks: readonly Mark[]): Promise<void> {
    const known = this.#marksOf(collection);
    checkMarks(marks);
    for (const { id, seq, expireAtMs } of marks) {
      const mark = known.get(id);
      known.set(id, {
        id,
        seq: Math.max(seq, mark?.seq ?? seq),
        expireAtMs: Math.max(expireAtMs, mark?.expireAtMs ?? expireAtMs),
      });
    }
  }

  async marks(collection: string, ids: readonly string[]): Promise<(Mark | undefined)[]> {
    const known = this.#marksOf(collection);
    checkIds(ids);
    return ids.map((id) => copy(known.get(id)));
  }

  async expireMarks(collection: string, nowMs: number): Promise<number> {
    const known = this.#marksOf(collection);
    checkTime(nowMs, 'nowMs');
    const expired = [...known.values()].filter((mark) => mark.expireAtMs < nowMs);
    for (const mark of expired) known.delete(mark.id);
    return expired.length;
  }

  async scan(collection: string, { afterId, limit }: ScanOptions = {}): Promise<StoredDocument[]> {
    const documents = this.#documentsOf(collection);
    if (afterId !== undefined) checkId(afterId, 'afterId');
    return documents.scan(afterId ?? '', checkLimit(limit));
  }

  async scanMarks(collection: string, { afterId = '', limit }: ScanOptions = {}): Promise<Mark[]> {
    const known = this.#marksOf(collection);
    if (afterId !== '') checkId(afterId, 'afterId');
    const later = [...known.keys()].filter((id) => compareText(id, afterId) > 0).sort(compareText);
    return later.slice(0, checkLimit(limit)).flatMap((id) => copy(known.get(id)) ?? []);
  }

  async count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number> {
    const documents = this.#documentsOf(collection);
    return documents.count(query && declaredIndex(documents.spec, query.index), query);
  }

  async healthy(): Promise<boolean> {
    return !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The memory store was closed.');
  }

  #documentsOf(collection: string): Documents {
    this.#checkOpen();
    const documents = this.#documents.get(collection);
    if (!documents) throw unknownCollection(collection, 'documents');
    return documents;
  }

  #marksOf(collection: string): Map<string, Mark> {
    this.#checkOpen();
    const marks = this.#marks.get(collection);
    if (!marks) throw unknownCollection(collection, 'marks');
    return marks;
  }
}

function copy(mark: Mark | undefined): Mark | undefined {
  return mark && { ...mark };
}

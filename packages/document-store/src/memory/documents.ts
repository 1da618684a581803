import type { PreparedWrite } from '../checks.ts';
import { decodeCursor, encodeCursor, indexKey, keyRange, sortableNumber } from '../index-keys.ts';
import type { CollectionSpec, IndexSpec, JsonObject, Page, Query, StoredDocument, Verdict } from '../port.ts';
import { SortedList } from './sorted-list.ts';

/** One document. Lists keep the row and not what it holds, so that a write touches only the lists where its place changes. */
interface Row {
  write: PreparedWrite;
  /** Where there is no text: the body itself, frozen. */
  body: JsonObject | undefined;
}

/** One collection of documents. They are kept as JSON text, so that nobody holds a reference into them; or frozen. */
export class Documents {
  spec: CollectionSpec;
  readonly #rows = new Map<string, Row>();
  readonly #byId = new SortedList<Row>();
  readonly #byWakeAt = new SortedList<Row>();
  /** In the order of `spec.indexes`. */
  #byKey: SortedList<Row>[] = [];

  constructor(spec: CollectionSpec) {
    this.spec = { ...spec, indexes: [] };
    this.addIndexes(spec);
  }

  /** Takes a spec with more indexes, and enters what is there into them. */
  addIndexes(spec: CollectionSpec): void {
    const rows = [...this.#rows.values()];
    const reindexed = rows.map((row) => {
      const { id, body } = toDocument(row);
      return { ...row.write, keys: spec.indexes.map((index) => indexKey(index, id, body)) };
    });
    for (const row of rows) this.#remove(row);
    this.spec = spec;
    this.#byKey = spec.indexes.map(() => new SortedList());
    for (const [i, write] of reindexed.entries()) this.#add(write, rows[i]?.body);
  }

  load(id: string): StoredDocument | undefined {
    const row = this.#rows.get(id);
    return row && toDocument(row);
  }

  /** @param body needed where the write has no text. */
  save(write: PreparedWrite, body?: JsonObject): Verdict {
    const row = this.#rows.get(write.id);
    if ((row ? row.write.expectedVersion + 1 : 0) !== write.expectedVersion) return 'lost';
    if (row) this.#replace(row, write, body);
    else this.#add(write, body);
    return 'won';
  }

  delete(id: string): void {
    const row = this.#rows.get(id);
    if (row) this.#remove(row);
  }

  query(index: IndexSpec, query: Query, limit: number): Page {
    const range = keyRange(index, query);
    const after = decodeCursor(index, range, query.cursor);
    const list = this.#listOf(index);
    const entries =
      query.order === 'desc'
        ? list.descending(range.from, after ?? range.to)
        : list.ascending(after ?? range.from, range.to);
    const documents: StoredDocument[] = [];
    let last = '';
    for (const { key, value } of entries) {
      if (key === after) continue;
      if (documents.length === limit) return { documents, next: encodeCursor(index, last) };
      documents.push(toDocument(value));
      last = key;
    }
    return { documents };
  }

  count(index: IndexSpec | undefined, query: Pick<Query, 'equals' | 'range'> = {}): number {
    if (!index) return this.#rows.size;
    const range = keyRange(index, query);
    return this.#listOf(index).count(range.from, range.to);
  }

  due(atMs: number, limit: number, lanes: ReadonlySet<string> | undefined): StoredDocument[] {
    const documents: StoredDocument[] = [];
    // ";" comes after ":": all ids at exactly atMs are included.
    for (const { value } of this.#byWakeAt.ascending('', `${sortableNumber(atMs)};`)) {
      if (documents.length === limit) break;
      const { lane } = value.write;
      if (!lanes || (lane !== null && lanes.has(lane))) documents.push(toDocument(value));
    }
    return documents;
  }

  scan(afterId: string, limit: number): StoredDocument[] {
    const documents: StoredDocument[] = [];
    for (const { key, value } of this.#byId.ascending(afterId)) {
      if (documents.length === limit) break;
      if (key !== afterId) documents.push(toDocument(value));
    }
    return documents;
  }

  #listOf(index: IndexSpec): SortedList<Row> {
    return this.#byKey[this.spec.indexes.indexOf(index)] ?? new SortedList();
  }

  #add(write: PreparedWrite, body: JsonObject | undefined): void {
    const row = { write, body: write.text === '' ? body : undefined };
    this.#rows.set(write.id, row);
    this.#byId.add(write.id, row);
    this.#move(row, undefined, write);
  }

  #replace(row: Row, write: PreparedWrite, body: JsonObject | undefined): void {
    const before = row.write;
    row.write = write;
    row.body = write.text === '' ? body : undefined;
    this.#move(row, before, write);
  }

  #remove(row: Row): void {
    this.#rows.delete(row.write.id);
    this.#byId.remove(row.write.id);
    this.#move(row, row.write, undefined);
  }

  #move(row: Row, before: PreparedWrite | undefined, after: PreparedWrite | undefined): void {
    this.#byWakeAt.move(row, wakeKey(before), wakeKey(after));
    for (const [i, list] of this.#byKey.entries()) list.move(row, before?.keys[i] ?? null, after?.keys[i] ?? null);
  }
}

function wakeKey(write: PreparedWrite | undefined): string | null {
  return write && write.wakeAt !== null ? `${sortableNumber(write.wakeAt)}:${write.id}` : null;
}

function toDocument({ write: { id, expectedVersion, wakeAt, lane, text }, body }: Row): StoredDocument {
  return { id, version: expectedVersion + 1, wakeAt, lane, body: body ?? JSON.parse(text) };
}

import { decodeCursor, encodeCursor, type KeyRange, keyRange } from '../index-keys.ts';
import type { IndexSpec, Mark, Page, Query, StoredDocument } from '../port.ts';
import type { MongoConnection } from './connection.ts';
import { type DocumentRow, keyName, type MarkRow, toDocument, toMark } from './rows.ts';

const BY_ID = { _id: 1 } as const;

/** One command for each call, as long as the answer fits into 16 MiB; the driver fetches the rest. */
export class Reader {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async load(collection: string, ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    const rows = await this.#byId<DocumentRow>(collection, ids);
    // An id that is asked for twice gets two documents: nobody shares what he may change.
    return ids.map((id) => toDocumentOf(rows.get(id), collection));
  }

  async marks(collection: string, ids: readonly string[]): Promise<(Mark | undefined)[]> {
    const rows = await this.#byId<MarkRow>(collection, ids);
    return ids.map((id) => {
      const row = rows.get(id);
      return row && toMark(row);
    });
  }

  async query(collection: string, index: IndexSpec, query: Query, limit: number): Promise<Page> {
    const range = keyRange(index, query);
    const after = decodeCursor(index, range, query.cursor);
    const descending = query.order === 'desc';
    const left = after === undefined ? range : descending ? { ...range, to: after } : { ...range, from: after };
    const path = pathOf(index);
    const rows = await this.#documents(collection)
      .find(inRange(path, left), { sort: { [path]: descending ? -1 : 1 }, ...pageOf(limit + 1) })
      .toArray();
    const page = rows.slice(0, limit);
    const documents = page.map((row) => toDocument(row, collection));
    const last = page.at(-1)?.keys[keyName(index.name)];
    return rows.length > limit && last !== undefined ? { documents, next: encodeCursor(index, last) } : { documents };
  }

  async count(
    collection: string,
    index: IndexSpec | undefined,
    query?: Pick<Query, 'equals' | 'range'>,
  ): Promise<number> {
    const filter = index ? inRange(pathOf(index), keyRange(index, query ?? {})) : {};
    return this.#documents(collection).countDocuments(filter);
  }

  async due(
    collection: string,
    atMs: number,
    limit: number,
    lanes: readonly string[] | undefined,
  ): Promise<StoredDocument[]> {
    if (lanes?.length === 0) return [];
    const rows = await this.#documents(collection)
      .find(
        { wakeAt: { $lte: atMs }, ...(lanes && { lane: { $in: [...new Set(lanes)] } }) },
        { sort: { wakeAt: 1, _id: 1 }, ...pageOf(limit) },
      )
      .toArray();
    return rows.map((row) => toDocument(row, collection));
  }

  async scan(collection: string, afterId: string, limit: number): Promise<StoredDocument[]> {
    const rows = await this.#documents(collection)
      .find({ _id: { $gt: afterId } }, { sort: BY_ID, ...pageOf(limit) })
      .toArray();
    return rows.map((row) => toDocument(row, collection));
  }

  async scanMarks(collection: string, afterId: string, limit: number): Promise<Mark[]> {
    const rows = await this.#connection
      .collection<MarkRow>(collection)
      .find({ _id: { $gt: afterId } }, { sort: BY_ID, ...pageOf(limit) })
      .toArray();
    return rows.map(toMark);
  }

  #documents(collection: string) {
    return this.#connection.collection<DocumentRow>(collection);
  }

  async #byId<Row extends DocumentRow | MarkRow>(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Row>> {
    if (ids.length === 0) return new Map();
    const wanted = [...new Set(ids)];
    const rows = await this.#connection
      .collection<DocumentRow | MarkRow>(collection)
      .find({ _id: { $in: wanted } }, pageOf(wanted.length))
      .toArray();
    return new Map(rows.map((row) => [row._id, row as unknown as Row]));
  }
}

/** All in the first answer: left alone, the server answers with 101 documents and waits to be asked for more. */
function pageOf(limit: number): { limit: number; batchSize: number } {
  return { limit, batchSize: limit + 1 };
}

function pathOf(index: IndexSpec): string {
  return `keys.${keyName(index.name)}`;
}

function inRange(path: string, { from, to }: KeyRange) {
  return { [path]: { $gt: from, $lt: to } };
}

function toDocumentOf(row: DocumentRow | undefined, collection: string): StoredDocument | undefined {
  return row && toDocument(row, collection);
}

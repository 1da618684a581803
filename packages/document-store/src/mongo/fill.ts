import type { mongo } from 'mongoose';
import { indexKey } from '../index-keys.ts';
import type { IndexSpec } from '../port.ts';
import { type DocumentRow, fieldsOf, keyName, toDocument } from './rows.ts';

const PAGE = 500;

/** Documents without an entry: saved before the index was declared, or since by a process that did not know it yet. */
export const withoutEntry = (indexes: readonly IndexSpec[]) => ({
  $or: indexes.map(({ name }) => ({ [`keys.${keyName(name)}`]: { $exists: false } })),
});

/**
 * Enters documents that were there before into indexes; returns how many. Guarded by version: a document that somebody writes
 * meanwhile is entered by that write. Throws `STORE_INDEX_VALUE_INVALID`.
 */
export async function fillIndexes(rows: mongo.Collection<DocumentRow>, indexes: readonly IndexSpec[]): Promise<number> {
  let filled = 0;
  while (indexes.length > 0) {
    // Not in any order: MongoDB then finds them by the indexes themselves, and all that is full costs one look.
    const page = await rows.find(withoutEntry(indexes), { limit: PAGE, batchSize: PAGE + 1 }).toArray();
    if (page.length === 0) break;
    const updates = page.map((row) => entryOf(row, indexes, rows.collectionName));
    const { matchedCount } = await rows.bulkWrite(updates, { ordered: false });
    filled += matchedCount;
  }
  return filled;
}

function entryOf(
  row: DocumentRow,
  all: readonly IndexSpec[],
  collection: string,
): mongo.AnyBulkWriteOperation<DocumentRow> {
  const { id, version, body } = toDocument(row, collection);
  const keys = Object.fromEntries(all.map((index) => [keyName(index.name), indexKey(index, id, body) ?? '']));
  const $set = { keys, fields: fieldsOf(id, body, all) };
  return { updateOne: { filter: { _id: id, version }, update: { $set } } };
}

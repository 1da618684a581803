import { DatabaseSync } from 'node:sqlite';
import { mergeSpecs } from '../checks.ts';
import { StoreError } from '../errors.ts';
import { indexKey } from '../index-keys.ts';
import type { CollectionSpec, IndexSpec } from '../port.ts';
import { columnOf, DOCUMENT_COLUMNS, indexOf, tableOf, timersOf, toDocument } from './rows.ts';

/** "CLds" in the header of the file; `user_version` is the version of its layout. */
const APPLICATION_ID = 0x434c6473;
const LAYOUT = 1;
const BACKFILL_ROWS = 1_000;
/** Up to here the check at opening takes about a second when cached (measured: 100 MB in 85 ms). */
const CHECKED_BYTES_MAX = 1024 ** 3;

/** Makes the file ours if it is new; refuses it if it is something else. Runs before anything is changed in it. */
export function claimFile(db: DatabaseSync, file: string): void {
  const application = pragma(db, 'application_id');
  const layout = pragma(db, 'user_version');
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count;
  if (application === 0 && layout === 0 && tables === 0) {
    db.exec(`
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${LAYOUT};
      CREATE TABLE collections (name TEXT NOT NULL PRIMARY KEY, spec TEXT NOT NULL) STRICT;
      COMMIT`);
    return;
  }
  if (application !== APPLICATION_ID) throw new StoreError('STORE_FILE_UNKNOWN', `${file} is not a document store.`);
  if (layout !== LAYOUT)
    throw new StoreError('STORE_FILE_UNKNOWN', `${file} has layout ${layout}; this release reads layout ${LAYOUT}.`);
}

/**
 * A damaged index does not fail: it finds too little, and a document that is not found is taken for one that never was.
 * So indexes are compared with their tables before anything is read. What documents hold is checked by their checksums.
 */
export function checkIntegrity(db: DatabaseSync, file: string): void {
  if (Number(pragma(db, 'page_count')) * Number(pragma(db, 'page_size')) > CHECKED_BYTES_MAX) return;
  const result = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  if (result !== 'ok') throw new StoreError('STORE_CORRUPT', `${file}: ${result}.`);
}

function pragma(db: DatabaseSync, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}

export function readCatalog(db: DatabaseSync): Map<string, CollectionSpec> {
  const rows = db.prepare('SELECT name, spec FROM collections').all();
  return new Map(rows.map((row) => [String(row.name), JSON.parse(String(row.spec))]));
}

/** What was ever declared in a file: for whoever moves all of it. Another connection may have it open. */
export function collectionsIn(file: string): readonly CollectionSpec[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return [...readCatalog(db).values()];
  } finally {
    db.close();
  }
}

/** Brings one collection to the indexes that are declared now and those that were before; returns all of them. */
export function declareCollection(
  db: DatabaseSync,
  known: CollectionSpec | undefined,
  spec: CollectionSpec,
): CollectionSpec {
  const merged = mergeSpecs(known, spec);
  if (!known) createTable(db, merged);
  const added = known ? merged.indexes.slice(known.indexes.length) : [];
  for (const index of added) db.exec(`ALTER TABLE ${tableOf(merged)} ADD COLUMN ${columnOf(index)} TEXT`);
  if (added.length > 0) backfill(db, merged, added);
  for (const index of known ? added : merged.indexes) {
    const column = columnOf(index);
    db.exec(`CREATE INDEX ${indexOf(spec.name, index)} ON ${tableOf(merged)} (${column}) WHERE ${column} IS NOT NULL`);
  }
  if (!known || added.length > 0)
    db.prepare('INSERT OR REPLACE INTO collections VALUES (?, ?)').run(spec.name, JSON.stringify(merged));
  return merged;
}

function createTable(db: DatabaseSync, spec: CollectionSpec): void {
  const table = tableOf(spec);
  if (spec.marks) {
    db.exec(`
      CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, expire_at INTEGER NOT NULL,
        checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX ${timersOf(spec.name)} ON ${table} (expire_at)`);
    return;
  }
  // The body comes last: SQLite reaches the small columns without walking through it.
  const keys = spec.indexes.map((index) => `${columnOf(index)} TEXT,`).join(' ');
  db.exec(`
    CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, wake_at INTEGER, lane TEXT,
      checksum INTEGER NOT NULL, ${keys} body TEXT NOT NULL) STRICT;
    CREATE INDEX ${timersOf(spec.name)} ON ${table} (lane, wake_at, id) WHERE wake_at IS NOT NULL`);
}

/** Enters the documents that are already there into new indexes. */
function backfill(db: DatabaseSync, spec: CollectionSpec, indexes: readonly IndexSpec[]): void {
  const table = tableOf(spec);
  const page = db.prepare(`SELECT ${DOCUMENT_COLUMNS} FROM ${table} WHERE id > ? ORDER BY id LIMIT ${BACKFILL_ROWS}`);
  const update = db.prepare(`UPDATE ${table} SET ${indexes.map((index) => `${columnOf(index)} = ?`)} WHERE id = ?`);
  let documents = page.all('').map(toDocument);
  while (documents.length > 0) {
    for (const { id, body } of documents) update.run(...indexes.map((index) => indexKey(index, id, body)), id);
    documents = page.all(documents.at(-1)?.id ?? '').map(toDocument);
  }
}

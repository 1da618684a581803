import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { LogError } from '../errors.ts';

/** 'CLog', so that `file` and we ourselves know the file; the version is that of the tables and of the block format. */
const APPLICATION_ID = 0x434c6f67;
const FORMAT_VERSION = 1;
export const PAGE_BYTES = 16_384;

/**
 * `block.last` is the offset of a block's last record, so that one look-up finds the block that holds an offset.
 * `latest_ms` is the greatest time of the partition up to and including the block: it only rises, so times can be searched
 * by halving without an index of their own. The checksums find what SQLite does not: bytes that changed
 * inside a value.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, first_shard INTEGER NOT NULL, retention_ms INTEGER,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS block (
    shard INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, latest_ms INTEGER NOT NULL,
    crc INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (shard, last)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS trimmed (shard INTEGER PRIMARY KEY, first INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS group_offset (
    group_name TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    crc INTEGER NOT NULL,    PRIMARY KEY (group_name, topic, partition)
  ) STRICT, WITHOUT ROWID;
`;

/** Every write that changes a row, by name. All but the removals take the row's checksum as their last value. */
export const STATEMENTS = {
  block: 'INSERT INTO block (shard, last, count, latest_ms, body, crc) VALUES (?, ?, ?, ?, ?, ?)',
  topic: `INSERT INTO topic (name, partitions, first_shard, retention_ms, crc) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET retention_ms = excluded.retention_ms, crc = excluded.crc`,
  offset: `INSERT INTO group_offset (group_name, topic, partition, next, crc) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET next = excluded.next, crc = excluded.crc`,
  trim: `INSERT INTO trimmed (shard, first, crc) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET first = excluded.first, crc = excluded.crc`,
  removeGroup: 'DELETE FROM group_offset WHERE group_name = ?',
  removeBlocks: `DELETE FROM block WHERE rowid IN
    (SELECT rowid FROM block WHERE shard = ? AND last < ? ORDER BY last LIMIT ?)`,
} as const;

/** The checksum of a row: of its other columns, and of the body of a block. */
export function checksum(columns: readonly SQLInputValue[], body?: Uint8Array): number {
  const ofColumns = crc32(JSON.stringify(columns));
  return body === undefined ? ofColumns : crc32(body, ofColumns);
}

export type StatementName = Exclude<keyof typeof STATEMENTS, 'block'>;

export interface WriterSettings {
  readonly file: string;
  /** Absent: as large as the disk allows. */
  readonly maxPages?: number;
}

/** Opens the file for writing, makes what is missing, and refuses what is not an event log or too new. */
export function openForWriting({ file, maxPages }: WriterSettings): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 1_000 });
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
  database.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864');
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
  assertOurs(database, file);
  database.exec(TABLES);
  return database;
}

function assertOurs(database: DatabaseSync, file: string): void {
  const id = numberOf(database, 'PRAGMA application_id');
  const version = numberOf(database, 'PRAGMA user_version');
  if (id === APPLICATION_ID && version <= FORMAT_VERSION) return;
  if (id === APPLICATION_ID)
    throw new LogError('LOG_FORMAT_UNKNOWN', `${file} has format ${version}; this release knows ${FORMAT_VERSION}`);
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema');
  if (id !== 0 || tables > 0) throw new LogError('LOG_CORRUPT', `${file} is a database, but not an event log`);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}`);
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
}

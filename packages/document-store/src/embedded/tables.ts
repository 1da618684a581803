import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CollectionSpec, Mark, Verdict } from '../port.ts';
import type { SaveRow } from './protocol.ts';
import { checksum, columnOf, MARK_COLUMNS, markChecksum, tableOf, toMark } from './rows.ts';

/** The prepared writes of one collection of documents. They run inside the writer's transaction. */
export class DocumentTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;

  constructor(db: DatabaseSync, spec: CollectionSpec) {
    const table = tableOf(spec);
    const keys = spec.indexes.map(columnOf);
    // Both take the same numbered parameters: id, expected version, wakeAt, lane, checksum, body, index entries.
    const columns = ['id', 'version', 'wake_at', 'lane', 'checksum', 'body', ...keys];
    const values = columns.map((_, i) => (i === 1 ? '?2 + 1' : `?${i + 1}`));
    const changes = columns.slice(1).map((column, i) => `${column} = ${values[i + 1]}`);
    this.#insert = db.prepare(`INSERT INTO ${table} (${columns}) VALUES (${values}) ON CONFLICT (id) DO NOTHING`);
    this.#update = db.prepare(`UPDATE ${table} SET ${changes} WHERE id = ?1 AND version = ?2`);
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
  }

  /** The guard and the write are one statement; as nobody else writes, no other can come between. */
  save([id, expectedVersion, wakeAt, lane, text, ...keys]: SaveRow): Verdict {
    const check = checksum(id, expectedVersion + 1, wakeAt, lane, text);
    const statement = expectedVersion === 0 ? this.#insert : this.#update;
    return statement.run(id, expectedVersion, wakeAt, lane, check, text, ...keys).changes === 1 ? 'won' : 'lost';
  }

  delete(id: string): void {
    this.#delete.run(id);
  }
}

/** The prepared writes of one collection of marks. */
export class MarkTable {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #expire: StatementSync;

  constructor(db: DatabaseSync, spec: CollectionSpec) {
    const table = tableOf(spec);
    this.#get = db.prepare(`SELECT ${MARK_COLUMNS} FROM ${table} WHERE id = ?`);
    this.#put = db.prepare(`INSERT OR REPLACE INTO ${table} (${MARK_COLUMNS}) VALUES (?, ?, ?, ?)`);
    this.#expire = db.prepare(`DELETE FROM ${table} WHERE expire_at < ?`);
  }

  raise(mark: Mark): void {
    const row = this.#get.get(mark.id);
    const known = row ? toMark(row) : mark;
    const seq = Math.max(mark.seq, known.seq);
    const expireAtMs = Math.max(mark.expireAtMs, known.expireAtMs);
    this.#put.run(mark.id, seq, expireAtMs, markChecksum(mark.id, seq, expireAtMs));
  }

  expire(nowMs: number): number {
    return Number(this.#expire.run(nowMs).changes);
  }
}

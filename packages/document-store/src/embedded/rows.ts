import type { SQLOutputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { StoreError } from '../errors.ts';
import type { CollectionSpec, IndexSpec, Mark, StoredDocument } from '../port.ts';

/** How collections lie in the file. Names are safe to quote: `checkSpec` lets nothing but [a-z0-9_.-] pass. */

export type Row = Record<string, SQLOutputValue>;

export const tableOf = (spec: Pick<CollectionSpec, 'name' | 'marks'>) =>
  `"${spec.marks ? 'marks' : 'documents'}:${spec.name}"`;
export const timersOf = (name: string) => `"timers:${name}"`;
/** The index itself, and the column with the document's entry in it. */
export const indexOf = (name: string, index: IndexSpec) => `"index:${name}:${index.name}"`;
export const columnOf = (index: IndexSpec) => `"key:${index.name}"`;

export const DOCUMENT_COLUMNS = 'id, version, wake_at, lane, checksum, body';

/**
 * SQLite notices damage to its own structure, not to what it stores. So each document and mark carries a checksum of all
 * of it but index entries, which are compared with their index at opening.
 */
export function checksum(
  id: string,
  version: number,
  wakeAt: number | null,
  lane: string | null,
  text: string,
): number {
  return crc32(text, crc32(`${id}\n${version}\n${wakeAt}\n${lane}`));
}

export function toDocument(row: Row): StoredDocument {
  const { id, version, wake_at: wakeAt, lane, body } = row;
  const sound =
    typeof id === 'string' &&
    typeof version === 'number' &&
    (wakeAt === null || typeof wakeAt === 'number') &&
    (lane === null || typeof lane === 'string') &&
    typeof body === 'string' &&
    checksum(id, version, wakeAt, lane, body) === row.checksum;
  if (!sound) throw new StoreError('STORE_CORRUPT', `Document ${JSON.stringify(id)} does not match its checksum.`);
  return { id, version, wakeAt, lane, body: JSON.parse(body) };
}

export const MARK_COLUMNS = 'id, seq, expire_at, checksum';

export function markChecksum(id: string, seq: number, expireAtMs: number): number {
  return crc32(`${id}\n${seq}\n${expireAtMs}`);
}

export function toMark({ id, seq, expire_at: expireAtMs, checksum }: Row): Mark {
  const sound = typeof id === 'string' && typeof seq === 'number' && typeof expireAtMs === 'number';
  if (sound && markChecksum(id, seq, expireAtMs) === checksum) return { id, seq, expireAtMs };
  throw new StoreError('STORE_CORRUPT', `Mark ${JSON.stringify(id)} does not match its checksum.`);
}

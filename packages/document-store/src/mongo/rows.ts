import type { PreparedWrite } from '../checks.ts';
import { StoreError } from '../errors.ts';
import { valueAt } from '../index-keys.ts';
import type { IndexSpec, JsonObject, Mark, Scalar, StoredDocument } from '../port.ts';

/**
 * A document as MongoDB holds it. The body is text, because BSON cannot hold every JSON (lone surrogates, U+0000 in keys, 100
 * levels), grows over 16 MB where text does not, and costs several times as much to read and write.
 */
export interface DocumentRow {
  readonly _id: string;
  readonly version: number;
  /** Absent: nothing to wake for. */
  readonly wakeAt?: number;
  readonly lane?: string;
  /** What is indexed, at its own path and type: for people's queries and reports; `{"fields.state.agentId": "…"}`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The entry in each index, in whose order pages go; empty: left out there; absent: written by a release without the index. */
  readonly keys: Readonly<Record<string, string>>;
  readonly json: string;
}

export interface MarkRow {
  readonly _id: string;
  readonly seq: number;
  readonly expireAtMs: number;
}

/** Below MongoDB's 16 MiB, with room for names. Only long indexed texts, which stand in the body and in `keys`, come near. */
const ROW_BYTES_MAX = 15 * 1024 * 1024;
const FIELD_CHARACTERS_MAX = 256;

/** An index's name may have dots, a field's may not; no index has a colon. */
export function keyName(index: string): string {
  return index.replaceAll('.', ':');
}

export function toRow(write: PreparedWrite, body: JsonObject, indexes: readonly IndexSpec[]): DocumentRow {
  const { id, expectedVersion, wakeAt, lane, text, keys } = write;
  checkRowBytes(write);
  return {
    _id: id,
    version: expectedVersion + 1,
    ...(wakeAt === null ? {} : { wakeAt }),
    ...(lane === null ? {} : { lane }),
    fields: fieldsOf(id, body, indexes),
    keys: Object.fromEntries(indexes.map((index, i) => [keyName(index.name), keys[i] ?? ''])),
    json: text,
  };
}

function checkRowBytes({ id, text, keys }: PreparedWrite): void {
  const characters = keys.reduce((sum, key) => sum + (key?.length ?? 0), text.length);
  if (characters * 3 <= ROW_BYTES_MAX) return;
  const bytes = keys.reduce((sum, key) => sum + Buffer.byteLength(key ?? ''), Buffer.byteLength(text));
  if (bytes > ROW_BYTES_MAX)
    throw new StoreError('STORE_DOCUMENT_TOO_LARGE', `Document "${id}" has ${bytes} bytes with its index entries.`);
}

/** The indexed values at their own paths. Never two in each other's way: what has an object below it is no indexed value. */
export function fieldsOf(id: string, body: JsonObject, indexes: readonly IndexSpec[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const path of new Set(indexes.flatMap((index) => index.fields))) {
    const value = valueAt(body, path, id);
    // People do not ask for such names, and older servers refuse the first.
    if (value !== undefined && !/(^|\.)\$|__proto__|\0/.test(path)) put(fields, path.split('.'), value);
  }
  return fields;
}

function put(fields: Record<string, unknown>, path: readonly string[], value: Scalar): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    fields[name] = typeof value === 'string' ? value.slice(0, FIELD_CHARACTERS_MAX).toWellFormed() : value;
    return;
  }
  const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const below: Record<string, unknown> = typeof known === 'object' && known !== null ? { ...known } : {};
  put(below, rest, value);
  fields[name] = below;
}

export function toDocument(row: DocumentRow, collection: string): StoredDocument {
  const { _id: id, version, wakeAt = null, lane = null } = row;
  try {
    const body: unknown = JSON.parse(row.json);
    if (Number.isSafeInteger(version) && isObject(body)) return { id, version, wakeAt, lane, body };
  } catch {
    // said below
  }
  throw new StoreError('STORE_CORRUPT', `Document "${id}" of "${collection}" is not one that was saved here.`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function toMark({ _id: id, seq, expireAtMs }: MarkRow): Mark {
  return { id, seq, expireAtMs };
}

import { StoreError } from './errors.ts';
import { indexKey } from './index-keys.ts';
import { type CollectionSpec, type IndexSpec, type JsonObject, type Mark, STORE_BOUNDS, type Write } from './port.ts';

/** What every adapter checks before it writes or reads anything. */

const NAME = /^[a-z][a-z0-9_.-]{0,59}$/;

export function checkSpec(spec: CollectionSpec): void {
  const bad = (why: string) => new StoreError('STORE_DECLARATION_INVALID', `Collection "${spec.name}": ${why}.`);
  if (!NAME.test(spec.name)) throw bad(`the name must match ${NAME}`);
  if (spec.marks && spec.indexes.length > 0) throw bad('marks have no indexes');
  if (spec.indexes.length > STORE_BOUNDS.indexes_max) throw bad(`more than ${STORE_BOUNDS.indexes_max} indexes`);
  if (new Set(spec.indexes.map((index) => index.name)).size < spec.indexes.length) throw bad('an index name twice');
  for (const { name, fields } of spec.indexes) {
    if (!NAME.test(name)) throw bad(`the index name "${name}" must match ${NAME}`);
    if (fields.length < 1 || fields.length > STORE_BOUNDS.index_fields_max)
      throw bad(`index "${name}" needs 1 to ${STORE_BOUNDS.index_fields_max} fields`);
    if (fields.some((field) => field.split('.').includes('')) || new Set(fields).size < fields.length)
      throw bad(`index "${name}" has an empty or repeated field`);
  }
}

/** Known and newly declared indexes of a collection together; throws where they contradict. */
export function mergeSpecs(known: CollectionSpec | undefined, spec: CollectionSpec): CollectionSpec {
  if (!known) return spec;
  const differs = (what: string) =>
    new StoreError('STORE_DECLARATION_DIFFERS', `Collection "${spec.name}" exists with ${what}.`);
  if ((known.marks ?? false) !== (spec.marks ?? false)) throw differs(known.marks ? 'marks' : 'documents');
  const added = spec.indexes.filter((index) => {
    const same = known.indexes.find((other) => other.name === index.name);
    if (same && same.fields.join() !== index.fields.join())
      throw differs(`index "${index.name}" on (${same.fields.join(', ')}), not (${index.fields.join(', ')})`);
    return !same;
  });
  const merged = { ...known, indexes: [...known.indexes, ...added] };
  checkSpec(merged);
  return merged;
}

export function unknownCollection(collection: string, what: 'documents' | 'marks'): StoreError {
  return new StoreError('STORE_COLLECTION_UNKNOWN', `There is no collection of ${what} named "${collection}".`);
}

export function declaredIndex(spec: CollectionSpec, name: string): IndexSpec {
  const index = spec.indexes.find((candidate) => candidate.name === name);
  if (index) return index;
  throw new StoreError('STORE_INDEX_UNKNOWN', `Collection "${spec.name}" has no declared index "${name}".`);
}

export function checkId(id: string, what = 'id'): void {
  const fits = typeof id === 'string' && id.length > 0 && id.length <= STORE_BOUNDS.id_bytes_max;
  if (fits && id.isWellFormed() && !id.includes('\0')) {
    if (id.length * 3 <= STORE_BOUNDS.id_bytes_max || Buffer.byteLength(id) <= STORE_BOUNDS.id_bytes_max) return;
  }
  throw new StoreError('STORE_ID_INVALID', `The ${what} ${JSON.stringify(String(id).slice(0, 60))} cannot be used.`);
}

export function checkIds(ids: readonly string[]): void {
  checkCount(ids.length, STORE_BOUNDS.load_ids_max, 'ids');
  for (const id of ids) checkId(id);
}

export function checkMarks(marks: readonly Mark[]): void {
  checkCount(marks.length, STORE_BOUNDS.load_ids_max, 'marks');
  for (const { id, seq, expireAtMs } of marks) {
    checkId(id);
    if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(expireAtMs))
      throw new StoreError('STORE_WRITE_INVALID', `Mark "${id}": seq and expireAtMs must be whole numbers.`);
  }
}

function checkCount(count: number, max: number, what: string): void {
  if (count > max)
    throw new StoreError('STORE_BATCH_TOO_LARGE', `${count} ${what} in one call; at most ${max} are taken.`);
}

export function checkLimit(limit: number = STORE_BOUNDS.query_limit_default): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= STORE_BOUNDS.query_limit_max) return limit;
  throw new StoreError('STORE_LIMIT_INVALID', `The limit ${limit} is out of bounds.`);
}

export function checkTime(ms: number, what: string): void {
  if (!Number.isFinite(ms)) throw new StoreError('STORE_QUERY_INVALID', `${what} must be a time in ms, not ${ms}.`);
}

/** A write that was checked, as text, so that nothing that the caller does to it later has an effect. */
export interface PreparedWrite {
  readonly id: string;
  readonly expectedVersion: number;
  readonly wakeAt: number | null;
  readonly lane: string | null;
  readonly text: string;
  /** The document's entry in each index, in the order of `indexes`. */
  readonly keys: readonly (string | null)[];
}

/** @param toText how a body becomes text, where that is not done as ever. */
export function prepareWrites(
  writes: readonly Write[],
  indexes: readonly IndexSpec[],
  toText: (id: string, body: JsonObject) => string = toJson,
): PreparedWrite[] {
  checkCount(writes.length, STORE_BOUNDS.save_documents_max, 'documents');
  const prepared = writes.map((write) => prepareWrite(write, indexes, toText));
  if (new Set(prepared.map((write) => write.id)).size < prepared.length)
    throw new StoreError('STORE_WRITE_INVALID', 'One id stands twice in one save.');
  checkCharacters(prepared.reduce((sum, write) => sum + write.text.length, 0));
  return prepared;
}

function prepareWrite(
  { expectedVersion, document }: Write,
  indexes: readonly IndexSpec[],
  toText: (id: string, body: JsonObject) => string,
): PreparedWrite {
  const { id, version, wakeAt, lane, body } = document;
  checkId(id);
  if (lane !== null) checkId(lane, 'lane');
  const bad = (why: string) => new StoreError('STORE_WRITE_INVALID', `Document "${id}": ${why}.`);
  if (!Number.isSafeInteger(version) || expectedVersion < 0 || version !== expectedVersion + 1)
    throw bad(`version ${version} does not follow the expected version ${expectedVersion}`);
  if (wakeAt !== null && !Number.isSafeInteger(wakeAt)) throw bad(`wakeAt ${wakeAt} is no whole number`);
  const text = toText(id, body);
  return { id, expectedVersion, wakeAt, lane, text, keys: indexes.map((index) => indexKey(index, id, body)) };
}

export function toJson(id: string, body: JsonObject): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw new StoreError('STORE_DOCUMENT_INVALID', `Document "${id}" cannot be written as JSON.`, { cause });
  }
  if (!text?.startsWith('{')) throw new StoreError('STORE_DOCUMENT_INVALID', `Document "${id}" is no JSON object.`);
  const max = STORE_BOUNDS.document_bytes_max;
  if (text.length * 3 > max && Buffer.byteLength(text) > max)
    throw new StoreError('STORE_DOCUMENT_TOO_LARGE', `Document "${id}" has ${Buffer.byteLength(text)} bytes of JSON.`);
  return text;
}

function checkCharacters(characters: number): void {
  const max = STORE_BOUNDS.save_characters_max;
  if (characters > max)
    throw new StoreError(
      'STORE_BATCH_TOO_LARGE',
      `${characters} characters of JSON in one save; at most ${max} are taken.`,
    );
}

import { StoreError } from './errors.ts';
import type { IndexSpec, JsonObject, Query, Scalar } from './port.ts';

/**
 * An index entry is one text whose order by UTF-8 bytes is the order of the port: each field as a tag and a value, then
 * the id. So every query is a range of texts, a cursor is a place in it, and adapters without an order of values of their
 * own need nothing but ordered texts. MongoDB orders texts by their UTF-8 bytes too, so its adapter does the same.
 */
const TAG = { absent: '0', number: '1', string: '2', boolean: '3' } as const;

/** Both excluded. No entry is equal to `from`: an id follows in each. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** The entry of a document in an index; null where it is left out. */
export function indexKey(index: IndexSpec, id: string, body: JsonObject): string | null {
  let key = '';
  for (const field of index.fields) {
    const value = valueAt(body, field, id);
    if (key === '' && value === undefined) return null;
    key += encode(value);
  }
  return key + id;
}

/** The scalar at a dotted path; absent and null are the same. Throws `STORE_INDEX_VALUE_INVALID` for a list or an object. */
export function valueAt(body: JsonObject, path: string, id: string): Scalar | undefined {
  let at: unknown = body;
  for (const name of path.split('.')) {
    if (Array.isArray(at)) break;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as JsonObject)[name];
  }
  // JSON has no such numbers: they are written as null.
  if (at === null || at === undefined || (typeof at === 'number' && !Number.isFinite(at))) return undefined;
  if (isScalar(at)) return at;
  const kind = Array.isArray(at) ? 'a list' : 'an object';
  throw new StoreError('STORE_INDEX_VALUE_INVALID', `Document "${id}" has ${kind} at "${path}", which is indexed.`);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function encode(value: Scalar | undefined): string {
  switch (typeof value) {
    case 'undefined':
      return TAG.absent;
    case 'number':
      return TAG.number + sortableNumber(value);
    case 'boolean':
      return TAG.boolean + (value ? 't' : 'f');
    case 'string':
      return TAG.string + sortableText(value);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** 16 hex digits in the order of the numbers: the IEEE bits, sign flipped, all bits flipped below zero. */
export function sortableNumber(value: number): string {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  const negative = high >= 0x80000000;
  return hex(negative ? ~high : high ^ 0x80000000) + hex(negative ? ~low : low);
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}

/** Ended by U+0001, so that "a" comes before "ab" whatever follows; U+0000 to U+0002 inside are escaped by U+0002. */
function sortableText(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that the encoding itself uses.
  const escaped = value.replace(/[\u0000-\u0002]/g, (c) => `\u0002${String.fromCharCode(c.charCodeAt(0) + 2)}`);
  return `${escaped.toWellFormed()}\u0001`;
}

/** The range of entries that a query asks for. */
export function keyRange(index: IndexSpec, query: Pick<Query, 'equals' | 'range'>): KeyRange {
  const { equals = [], range } = query;
  const { from, to } = range ?? {};
  const bad = (why: string) => new StoreError('STORE_QUERY_INVALID', `Query by index "${index.name}": ${why}.`);
  for (const value of [...equals, from, to]) {
    if (value !== undefined && !(isScalar(value) && Number.isFinite(typeof value === 'number' ? value : 0)))
      throw bad('values must be strings, finite numbers or booleans');
  }
  const bounded = from !== undefined || to !== undefined;
  if (equals.length + (bounded ? 1 : 0) > index.fields.length)
    throw bad(`more values than its ${index.fields.length} fields`);
  if (from !== undefined && to !== undefined && typeof from !== typeof to) throw bad('bounds of two types');

  const prefix = equals.map(encode).join('');
  const type = tagOf(from ?? to);
  if (type === undefined) return { from: prefix, to: after(prefix) };
  return {
    from: prefix + (from === undefined ? type : encode(from)),
    to: to === undefined ? after(prefix + type) : prefix + encode(to),
  };
}

function tagOf(value: Scalar | undefined): string | undefined {
  return value === undefined ? undefined : TAG[typeof value as 'string' | 'number' | 'boolean'];
}

/** Above everything that begins with `prefix`. A prefix ends in ASCII (a tag, a digit, U+0001, f or t). */
function after(prefix: string): string {
  if (prefix === '') return '4';
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

export function encodeCursor(index: IndexSpec, key: string): string {
  return Buffer.from(`${index.name}:${key}`).toString('base64url');
}

/**
 * The cursor that goes on behind a document with this id and body, whether or not it is still there: in each collection that
 * has this index, so that several can be read as one list.
 */
export function cursorAfter(index: IndexSpec, id: string, body: JsonObject): string {
  const key = indexKey(index, id, body);
  if (key === null) throw new StoreError('STORE_QUERY_INVALID', `Document "${id}" is not in index "${index.name}".`);
  return encodeCursor(index, key);
}

/** The entry after which the next page begins; undefined for the first page. */
export function decodeCursor(index: IndexSpec, range: KeyRange, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const key = text.slice(index.name.length + 1);
  if (text.startsWith(`${index.name}:`) && compareText(range.from, key) <= 0 && compareText(key, range.to) < 0)
    return key;
  throw new StoreError('STORE_CURSOR_INVALID', `The cursor does not belong to this query by index "${index.name}".`);
}

/** Order by UTF-8 bytes. JavaScript's `<` differs: it puts surrogate pairs before U+E000 to U+FFFF. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? rank(x) - rank(y) : x - y;
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

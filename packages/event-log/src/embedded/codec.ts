import type { Slice } from '../core/storage.ts';
import type { LogRecord, NewRecord } from '../port.ts';

/**
 * A block holds consecutive records of one partition, as Kafka's record batches do: one row, one checksum and one copy
 * for hundreds of records. All numbers are little-endian.
 *
 *     record:  time f64 | key length u32 | headers length u32 | value length i32 (-1: null) | key | headers | value
 *     headers: ( name length u32 | value length u32 | name | value )*
 */
const RECORD_HEAD = 20;
const HEADER_HEAD = 8;

/** Where a block is cut: small enough that reading a part of it wastes little, large enough that rows do not count. */
const BLOCK_BYTES = 128 * 1024;
const BLOCK_RECORDS = 500;

/** The numbers that describe one block in `BlockWriter.index`, in this order. */
export const INDEX = { shard: 0, last: 1, count: 2, latestMs: 3, start: 4, end: 5, width: 6 } as const;

const BUFFER_BYTES_MIN = 256 * 1024;

/** Packs slices into one growing buffer that is handed over to the writing thread without a copy. */
export class BlockWriter {
  /** `INDEX.width` numbers per block. */
  readonly index: number[] = [];
  #bytes: Buffer<ArrayBuffer>;
  #view: DataView;
  #at = 0;

  constructor(buffer: ArrayBuffer = new ArrayBuffer(BUFFER_BYTES_MIN)) {
    this.#bytes = Buffer.from(buffer);
    this.#view = new DataView(buffer);
  }

  get buffer(): ArrayBuffer {
    return this.#bytes.buffer;
  }

  get length(): number {
    return this.#at;
  }

  /** `latestMs` is the greatest time of the partition so far; the same after this slice is returned. */
  add(slice: Slice, latestMs: number): number {
    const { partition, base, records, nowMs } = slice;
    this.#reserve(slice.bytes + overhead(records));
    let start = this.#at;
    let first = 0;
    let latest = latestMs;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as NewRecord; // i is in range
      const timestampMs = record.timestampMs ?? nowMs;
      latest = Math.max(latest, timestampMs);
      this.#put(record, timestampMs);
      const full = this.#at - start >= BLOCK_BYTES || i + 1 - first >= BLOCK_RECORDS;
      if (!full && i + 1 < records.length) continue;
      this.index.push(partition.shard, base + i, i + 1 - first, latest, start, this.#at);
      start = this.#at;
      first = i + 1;
    }
    return latest;
  }

  #put(record: NewRecord, timestampMs: number): void {
    const { key, headers, value } = record;
    const view = this.#view;
    const head = this.#at;
    const keyEnd = this.#text(key, head + RECORD_HEAD);
    let at = keyEnd;
    for (const name of Object.keys(headers)) {
      const bytes = headers[name] as Uint8Array; // it is one of its keys
      const nameAt = at + HEADER_HEAD;
      const nameEnd = this.#text(name, nameAt);
      view.setUint32(at, nameEnd - nameAt, true);
      view.setUint32(at + 4, bytes.byteLength, true);
      at = this.#blob(bytes, nameEnd);
    }
    view.setFloat64(head, timestampMs, true);
    view.setUint32(head + 8, keyEnd - head - RECORD_HEAD, true);
    view.setUint32(head + 12, at - keyEnd, true);
    view.setInt32(head + 16, value === null ? -1 : value.byteLength, true);
    this.#at = value === null ? at : this.#blob(value, at);
  }

  #text(text: string, at: number): number {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return at + bytes.write(text, at, 'utf8');
      bytes[at + i] = code;
    }
    return at + text.length;
  }

  #blob(source: Uint8Array, at: number): number {
    // For the few bytes of most headers the loop is faster than the call.
    if (source.length > 64) this.#bytes.set(source, at);
    else for (let i = 0; i < source.length; i++) this.#bytes[at + i] = source[i] as number; // i is in range
    return at + source.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const buffer = new ArrayBuffer(Math.max(needed, this.#bytes.length * 2));
    const grown = Buffer.from(buffer);
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(buffer);
  }
}

function overhead(records: readonly NewRecord[]): number {
  let bytes = records.length * RECORD_HEAD;
  for (const record of records) bytes += Object.keys(record.headers).length * HEADER_HEAD;
  return bytes;
}

/** A block as it was read. */
export interface Block {
  readonly topic: string;
  readonly partition: number;
  /** Offset of its first record. */
  readonly base: number;
  readonly count: number;
  readonly body: Uint8Array;
}

export interface Room {
  /** Offsets from … end-1 are wanted. */
  readonly from: number;
  readonly end: number;
  records: number;
  /** Bytes of values. */
  bytes: number;
}

/**
 * Appends the wanted records of a block to `into` until the room is used up; `into` gets at least one. False: no room left.
 * Values and headers are views into the block.
 */
export function decodeBlock(block: Block, room: Room, into: LogRecord[]): boolean {
  const { topic, partition, base, count } = block;
  const body = Buffer.from(block.body.buffer, block.body.byteOffset, block.body.byteLength);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const end = Math.min(base + count, room.end);
  const names: string[] = [];
  let at = 0;
  for (let offset = base; offset < end; offset++) {
    const keyAt = at + RECORD_HEAD;
    const headersAt = keyAt + view.getUint32(at + 8, true);
    const valueAt = headersAt + view.getUint32(at + 12, true);
    const valueLength = view.getInt32(at + 16, true);
    const head = at;
    at = valueAt + Math.max(0, valueLength);
    if (offset < room.from) continue;
    if (into.length > 0 && (room.records < 1 || room.bytes < valueLength)) return false;
    room.records -= 1;
    room.bytes -= valueLength;
    into.push({
      topic,
      partition,
      offset,
      key: body.toString('utf8', keyAt, headersAt),
      headers: headersOf(body, view, headersAt, valueAt, names),
      value: valueLength < 0 ? null : bytesOf(body, valueAt, valueLength),
      timestampMs: view.getFloat64(head, true),
    });
  }
  return room.records > 0 && room.bytes > 0;
}

/** `names` are those of the record before: most records of a block have the same ones, so they need not be decoded again. */
function headersOf(
  body: Buffer,
  view: DataView,
  from: number,
  end: number,
  names: string[],
): Record<string, Uint8Array> {
  const headers: Record<string, Uint8Array> = {};
  let i = 0;
  for (let at = from; at < end; i++) {
    const nameAt = at + HEADER_HEAD;
    const valueAt = nameAt + view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    let name = names[i];
    if (name === undefined || !isText(body, nameAt, valueAt, name)) {
      name = body.toString('utf8', nameAt, valueAt);
      names[i] = name;
    }
    const value = bytesOf(body, valueAt, length);
    // Assigning to __proto__ would set the prototype and lose the header.
    if (name === '__proto__')
      Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
    else headers[name] = value;
    at = valueAt + length;
  }
  return headers;
}

/** True for equal ASCII texts alone, which is enough: others are decoded. */
function isText(body: Buffer, from: number, end: number, text: string): boolean {
  if (end - from !== text.length) return false;
  for (let i = 0; i < text.length; i++)
    if (body[from + i] !== text.charCodeAt(i) || text.charCodeAt(i) > 127) return false;
  return true;
}

function bytesOf(body: Buffer, at: number, length: number): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset + at, length);
}

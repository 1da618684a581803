/**
 * Kafka's default partitioner, bit for bit: a log can be moved to Kafka and back, and a foreign producer puts a key where
 * we do. Reference: org.apache.kafka.common.utils.Utils.murmur2 and .toPositive, seed 0x9747b28c.
 */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** The partition (0 … partitions-1) of a key. */
export function partitionOf(key: string, partitions: number): number {
  return (hashOf(key) & 0x7fffffff) % partitions;
}

/** murmur2 of bytes, as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const word =
      byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    hash = mix(hash, word);
  }
  const rest = length - at;
  if (rest === 3) hash ^= byte(bytes, at + 2) << 16;
  if (rest >= 2) hash ^= byte(bytes, at + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byte(bytes, at), M);
  return finish(hash);
}

/** The same over the characters of an ASCII key, without encoding it: this runs once per record. */
function hashOf(key: string): number {
  const length = key.length;
  let hash = SEED ^ length;
  let seen = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const a = key.charCodeAt(at);
    const b = key.charCodeAt(at + 1);
    const c = key.charCodeAt(at + 2);
    const d = key.charCodeAt(at + 3);
    seen |= a | b | c | d;
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  const rest = length - at;
  let tail = 0;
  for (let i = 0; i < rest; i++) {
    const code = key.charCodeAt(at + i);
    seen |= code;
    tail |= code << (8 * i);
  }
  if (seen > 127) return murmur2(Buffer.from(key, 'utf8'));
  if (rest > 0) hash = Math.imul(hash ^ tail, M);
  return finish(hash);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, M);
  k = Math.imul(k ^ (k >>> 24), M);
  return Math.imul(hash, M) ^ k;
}

function finish(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 13), M);
  return h ^ (h >>> 15);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

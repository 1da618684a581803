import type { KafkaMessage, Message } from 'kafkajs';
import type { Headers, LogRecord, NewRecord } from '../port.ts';

export function toMessage({ key, value, headers, timestampMs }: NewRecord, partition: number, nowMs: number): Message {
  const sent: Record<string, Buffer> = Object.create(null); // a header may be called __proto__
  for (const [name, bytes] of Object.entries(headers)) sent[name] = view(bytes);
  return { key, value: value && view(value), headers: sent, partition, timestamp: String(timestampMs ?? nowMs) };
}

export function toRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key === null ? null : message.key.toString('utf8'),
    headers: headersOf(message),
    value: message.value,
    timestampMs: Number(message.timestamp),
  };
}

/**
 * Foreign producers may repeat a header, or send one without a value: the last value stands, and none is empty. And kafkajs
 * takes a header `constructor` or `__proto__` for a repeated one, whose first value is a function of Object's.
 */
function headersOf({ headers = {} }: KafkaMessage): Headers {
  const found: Record<string, Uint8Array> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    found[name] = last instanceof Uint8Array ? last : new Uint8Array();
  }
  return found;
}

const view = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

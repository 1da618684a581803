import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type {
  Batch,
  BatchContext,
  BatchHandler,
  EventLog,
  LogRecord,
  NewRecord,
  ScanOptions,
} from '../../src/index.ts';
import type { LogUnderTest, OpenLog } from '../conformance.ts';

/** Opens a log and closes it after the test. */
export async function openFor(open: OpenLog): Promise<LogUnderTest> {
  const opened = await open();
  onTestFinished(() => opened.close());
  return opened;
}

/** Names nobody else uses: the suite runs on servers that are shared, and a log of theirs can be searched for them. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID()}`;
}

export async function newTopic(log: EventLog, partitions = 4): Promise<string> {
  const name = uniqueName('topic');
  await log.createTopics([{ name, partitions }]);
  return name;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(value: Uint8Array | null): string | null {
  return value && new TextDecoder().decode(value);
}

export function record(topic: string, key: string, value: string, timestampMs?: number): NewRecord {
  const plain = { topic, key, headers: {}, value: bytes(value) };
  return timestampMs === undefined ? plain : { ...plain, timestampMs };
}

/** Records of one key with the values `from` … `to-1`. */
export function numbered(topic: string, key: string, from: number, to: number): NewRecord[] {
  return Array.from({ length: to - from }, (_, i) => record(topic, key, String(from + i)));
}

export function valuesOf(records: readonly LogRecord[]): (string | null)[] {
  return records.map((one) => text(one.value));
}

export async function scanAll(log: EventLog, options: ScanOptions): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for await (const batch of log.scan(options)) found.push(...batch);
  return found;
}

/** Nothing to wait for is as good as something that never comes: a promise and its switches. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** A handler that keeps what it got and commits it. */
export class Collector {
  readonly records: LogRecord[] = [];
  readonly batches: Batch[] = [];
  readonly handle: BatchHandler = async (batch, context) => {
    this.batches.push(batch);
    this.records.push(...batch.records);
    await commitAll(batch, context);
  };

  values(): (string | null)[] {
    return valuesOf(this.records);
  }
}

export async function commitAll(batch: Batch, context: BatchContext): Promise<void> {
  await context.commit((batch.records.at(-1)?.offset ?? -1) + 1);
}

/** What the disk and the log alone would take: the same bytes appended in batches, and nothing else. */
import type { CloudEventJson } from '@coachloop/contracts';
import type { EventLog, NewRecord } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';

const PARTITIONS = 12;
const IN_FLIGHT = 2;
const STRUCTURED = { 'content-type': Buffer.from('application/cloudevents+json') };

/** An event as it came, keyed by its call or agent. */
export function inputRecord(event: CloudEventJson): NewRecord {
  const { callId, agentId } = event.data as { readonly callId?: string; readonly agentId?: string };
  const key = callId ?? agentId ?? event.id;
  return { topic: 'call-intake', key, headers: STRUCTURED, value: Buffer.from(JSON.stringify(event)) };
}

export function* batchesOf<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Seconds until all of it is on the disk, two batches under way as from the sender. */
export async function appendSeconds(file: string, batches: readonly (readonly NewRecord[])[]): Promise<number> {
  const log = await openEmbeddedLog({ file, clock: Date });
  const topics = new Set(batches.flat().map(({ topic }) => topic));
  await log.createTopics([...topics].map((name) => ({ name, partitions: PARTITIONS })));
  const startMs = performance.now();
  const iterator = batches.values();
  const work = async () => {
    for (const batch of iterator) await log.append(batch);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  const seconds = (performance.now() - startMs) / 1_000;
  await log.close();
  return seconds;
}

/** Everything that is in a log, copied out of its memory. */
export async function recordsIn(log: EventLog): Promise<readonly NewRecord[]> {
  const all: NewRecord[] = [];
  const topics = (await log.topics()).map(({ name }) => name);
  for await (const records of log.scan({ topics, from: 'start' }))
    for (const { topic, key, headers, value } of records)
      all.push({
        topic,
        key: key ?? '',
        headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)])),
        value: value && Buffer.from(value),
      });
  return all;
}

export const bytesOf = (records: Iterable<NewRecord>): number => {
  let bytes = 0;
  for (const { key, headers, value } of records) {
    bytes += key.length + (value?.byteLength ?? 0);
    for (const [name, header] of Object.entries(headers)) bytes += name.length + header.byteLength;
  }
  return bytes;
};

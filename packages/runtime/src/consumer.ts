/** One batch of one partition: decode → handle → publish → commit. Offsets are committed last, and only say where reading begins. */
import type { DocumentStore } from '@coachloop/document-store';
import type { Batch, BatchContext, LogRecord } from '@coachloop/event-log';
import type { Decoder } from './decode.ts';
import type { Clock } from './definition.ts';
import { type Envelope, PayloadNeeded, type Payloads, textHeader, Unreadable } from './envelope.ts';
import type { Faults } from './faults.ts';
import type { OutboxRelay } from './outbox.ts';
import { getPayloads, PAYLOADS_AT_ONCE_MAX } from './payloads.ts';
import type { Processor } from './processor.ts';
import type { Stall } from './stall.ts';
import { traceIdOf } from './trace.ts';
import type { Input, Ran } from './work.ts';

export interface ConsumerOptions {
  readonly service: string;
  readonly decoder: Decoder;
  readonly store: DocumentStore;
  readonly processor: Processor;
  readonly relay: OutboxRelay;
  readonly clock: Clock;
  readonly stall: Stall;
  readonly faults: Faults;
  readonly onRan: (ran: Ran) => void;
}

/** The handler of the service's consumer group. It ends only with the batch done, or told to stop. */
export const consumeBatch =
  (o: ConsumerOptions) =>
  async (batch: Batch, context: BatchContext): Promise<void> => {
    for (const records of slices(batch.records)) if (!(await consumeSlice(o, batch, records, context))) return;
  };

/** False: told to stop before it was done; the next owner begins here again. */
async function consumeSlice(o: ConsumerOptions, batch: Batch, records: readonly LogRecord[], context: BatchContext) {
  const where = `${batch.topic}/${batch.partition}`;
  const patiently = <T>(step: string, action: () => Promise<T>) =>
    o.stall.untilDone(`${step} ${where}`, context.signal, action, {
      alive: () => context.heartbeat(),
      traceId: () => firstOf(records, (record) => traceIdOf(textHeader(record, 'traceparent') ?? '')),
    });

  const inputs = await patiently('decode', () => decodeRecords(o.decoder, o.store, records));
  if (!inputs) return false;
  const repeated =
    o.faults.deliveries === 1
      ? inputs
      : inputs.flatMap((input) => Array.from({ length: o.faults.deliveries }, () => input));
  // What cannot be handled now stops the partition: its siblings are saved and published all the same.
  const handled = await patiently('handle', async () => {
    const { saved, failed } = await o.processor.handle(repeated, o.onRan);
    if (failed[0] === undefined) return saved;
    await o.relay.publish(saved, o.clock.wall());
    throw failed[0].error;
  });
  if (!handled) return false;
  const published = await patiently('publish', () => o.relay.publish(handled, o.clock.wall()));
  if (published === undefined) return false;
  await o.faults.reached('published', o.service);
  const last = records.at(-1);
  if (last) await context.commit(last.offset + 1);
  await o.faults.reached('committed', o.service);
  return true;
}

/** What is in hand belongs to many traces; one of them is enough to begin to look. */
function firstOf<T, U>(list: readonly T[], of: (each: T) => U | undefined): U | undefined {
  for (const each of list) {
    const found = of(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A batch in one piece, unless it refers to more large payloads than should be in memory at once. */
export function slices(records: readonly LogRecord[]): readonly (readonly LogRecord[])[] {
  const large = records.flatMap((record, i) => (isLargeRecord(record) ? [i] : []));
  if (large.length <= PAYLOADS_AT_ONCE_MAX) return [records];
  const ends = large.filter((_, i) => i > 0 && i % PAYLOADS_AT_ONCE_MAX === 0);
  return [...ends, records.length].map((end, i) => records.slice(i === 0 ? 0 : ends[i - 1], end));
}

/** A letter may hold a record that refers to another payload. */
const isLargeRecord = ({ headers, topic }: LogRecord): boolean =>
  headers.ce_dataref !== undefined || topic.endsWith('.retry');

/** Payloads by reference are fetched together; one that names a further one (a replayed letter) takes another round. */
export async function decodeRecords(
  decoder: Decoder,
  store: DocumentStore,
  records: readonly LogRecord[],
): Promise<readonly Input[]> {
  let payloads: Payloads = new Map();
  for (;;) {
    const needed = new Set<string>();
    const inputs = records.flatMap((record) => decodeRecord(decoder, record, payloads, needed));
    if (needed.size === 0) return inputs;
    payloads = new Map([...payloads, ...(await getPayloads(store, [...needed]))]);
  }
}

function decodeRecord(decoder: Decoder, record: LogRecord, payloads: Payloads, needed: Set<string>): readonly Input[] {
  try {
    const envelope: Envelope | null = decoder.envelope(record);
    return envelope ? decoder.inputs(envelope, payloads) : [];
  } catch (error) {
    if (error instanceof Unreadable) return [decoder.unreadable(record, error.reason)];
    if (!(error instanceof PayloadNeeded)) throw error;
    needed.add(error.ref);
    return [];
  }
}

/** One batch of one partition: decode → handle → publish → commit. Offsets are committed last, and only say where reading begins. */
import type { DocumentStore } from '@coachloop/document-store';
import type { Batch, BatchContext, LogRecord } from '@coachloop/event-log';
import { type Decoder, type Envelope, PayloadNeeded, type Payloads, Unreadable } from './decode.ts';
import type { Clock } from './definition.ts';
import type { Faults } from './faults.ts';
import type { OutboxRelay } from './outbox.ts';
import { getPayloads } from './payloads.ts';
import type { Processor } from './processor.ts';
import type { Stall } from './stall.ts';
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
    const where = `${batch.topic}/${batch.partition}`;
    const patiently = <T>(step: string, action: () => Promise<T>) =>
      o.stall.untilDone(`${step} ${where}`, context.signal, o.clock, action, () => context.heartbeat());

    const inputs = await patiently('decode', () => decodeBatch(o, batch.records));
    if (!inputs) return;
    const repeated =
      o.faults.deliveries === 1
        ? inputs
        : inputs.flatMap((input) => Array.from({ length: o.faults.deliveries }, () => input));
    const done = await patiently('handle', () => o.processor.handle(repeated, o.onRan));
    if (!done) return;
    if ((await patiently('publish', () => o.relay.publish(done))) === undefined) return;
    await o.faults.reached('published', o.service);
    const last = batch.records.at(-1);
    if (last) await context.commit(last.offset + 1);
    await o.faults.reached('committed', o.service);
  };

/** Payloads by reference are fetched together; one that names a further one (a replayed letter) takes another round. */
async function decodeBatch(o: ConsumerOptions, records: readonly LogRecord[]): Promise<readonly Input[]> {
  let payloads: Payloads = new Map();
  for (;;) {
    const needed = new Set<string>();
    const inputs = records.flatMap((record) => decodeRecord(o.decoder, record, payloads, needed));
    if (needed.size === 0) return inputs;
    payloads = new Map([...payloads, ...(await getPayloads(o.store, [...needed]))]);
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

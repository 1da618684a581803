/** Records as the events that subscribers and queries see. */
import type { CloudEvent } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import type { LogRecord } from '@coachloop/event-log';
import { dataOf, type Envelope, envelopeOf, eventOf, type Payloads, Unreadable } from './envelope.ts';
import { getPayloads, PAYLOADS_AT_ONCE_MAX } from './payloads.ts';

export interface ReadEvent {
  readonly event: CloudEvent;
  readonly record: LogRecord;
}

/**
 * Events with their payloads, those by reference fetched, in portions that fit into memory; what cannot be read is left out
 * (its consumers have parked it).
 */
export async function* readEvents(
  store: DocumentStore,
  records: readonly LogRecord[],
): AsyncGenerator<readonly ReadEvent[], void, undefined> {
  let portion: Envelope[] = [];
  const refs: string[] = [];
  for (const record of records) {
    const envelope = orNothing(() => envelopeOf(record));
    if (!envelope) continue;
    portion.push(envelope);
    if (envelope.dataref !== undefined) refs.push(envelope.dataref);
    if (refs.length < PAYLOADS_AT_ONCE_MAX) continue;
    yield eventsOf(portion, await getPayloads(store, refs.splice(0)));
    portion = [];
  }
  yield eventsOf(portion, await getPayloads(store, refs));
}

const eventsOf = (envelopes: readonly Envelope[], payloads: Payloads): readonly ReadEvent[] =>
  envelopes.flatMap((envelope) => {
    const event = orNothing(() => eventOf(envelope, dataOf(envelope, payloads)));
    return event ? [{ event, record: envelope.record }] : [];
  });

function orNothing<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

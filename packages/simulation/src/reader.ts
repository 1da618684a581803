/**
 * Reads each record once, for all services and for the checks: what is read is the same for all of them, and frozen, so that
 * whoever changes it is found out. In reality each service reads for itself.
 */
import type { LogRecord } from '@coachloop/event-log';
import { dataOf, type Envelope, envelopeOf, type Payloads, type Reader } from '@coachloop/runtime';

export class SharedReader implements Reader {
  readonly #envelopes = new Map<LogRecord, Envelope>();
  readonly #data = new Map<Envelope, unknown>();

  envelopeOf(record: LogRecord, type?: string): Envelope {
    let envelope = this.#envelopes.get(record);
    if (!envelope) {
      envelope = envelopeOf(record, type);
      this.#envelopes.set(record, envelope);
    }
    return envelope;
  }

  dataOf(envelope: Envelope, payloads: Payloads): unknown {
    if (envelope.dataref !== undefined) return dataOf(envelope, payloads);
    let data = this.#data.get(envelope);
    if (data === undefined) {
      data = frozen(dataOf(envelope, payloads));
      this.#data.set(envelope, data);
    }
    return data;
  }
}

function frozen(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  for (const part of Object.values(data)) frozen(part);
  return Object.freeze(data);
}

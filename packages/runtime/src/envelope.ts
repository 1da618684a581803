/** What a record of the log says about itself, whoever wrote it; and its payload, checked against the schema of its type. */
import {
  type CloudEvent,
  type CloudEventJson,
  DeadLetterEvents,
  eventTimeOf,
  faultOf,
  fromHeaders,
  headerText,
  RetryEvents,
  schemaOf,
  TOPICS,
  type TopicEntry,
} from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import { foreignStream } from './inbox.ts';
import type { Reason } from './letters.ts';
import { isReference } from './payloads.ts';

export interface Envelope {
  readonly record: LogRecord;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: number;
  readonly subject?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly dataref?: string | undefined;
  /** Null: a foreign event, a stream of its own. */
  readonly own: { readonly stream: string; readonly seq: number; readonly born: number } | null;
  /** The payload, where it had to be read to read the envelope. */
  readonly parsed?: { readonly data: unknown };
}

/** What nobody can read: parked by the partition's intake document. */
export class Unreadable extends Error {
  readonly reason: Reason;
  constructor(message: string, pointer?: string, code = 'EVENT_UNREADABLE') {
    super(message);
    this.reason = { code, message, ...(pointer === undefined ? {} : { pointer }) };
  }
}

/** Says which payload has to be fetched before this can be decoded. */
export class PayloadNeeded extends Error {
  readonly ref: string;
  constructor(ref: string) {
    super(ref);
    this.ref = ref;
  }
}

/** Payloads that came by reference, as far as they were fetched. */
export type Payloads = ReadonlyMap<string, string>;

export const isIntake = (topic: string): boolean =>
  (Object.hasOwn(TOPICS, topic) ? (TOPICS as Readonly<Record<string, TopicEntry>>)[topic]?.kind : null) === 'intake';

/** @param type where it is known already. @throws Unreadable */
export const envelopeOf = (record: LogRecord, type?: string): Envelope =>
  isIntake(record.topic) ? foreignEnvelope(record) : ownEnvelope(record, type ?? textHeader(record, 'ce_type'));

/** A header as text; absent: undefined. @throws Unreadable */
export function textHeader(record: LogRecord, name: string): string | undefined {
  try {
    return headerText(record.headers[name]);
  } catch {
    throw new Unreadable(`the header ${name} is not UTF-8`);
  }
}

/** Of our own events, whose headers we wrote: CloudEvents in binary mode, with stream, seq and born. */
function ownEnvelope(record: LogRecord, type: string | undefined): Envelope {
  if (!type) throw new Unreadable('the header ce_type is missing');
  const need = (name: string): string => {
    const value = textHeader(record, name);
    if (!value) throw new Unreadable(`the header ${name} is missing`);
    return value;
  };
  if (need('ce_specversion') !== '1.0') throw new Unreadable('ce_specversion is not 1.0');
  const when = textHeader(record, 'ce_time');
  const time = when === undefined ? record.timestampMs : Date.parse(when);
  if (Number.isNaN(time)) throw new Unreadable(`ce_time is not a time: ${when?.slice(0, 60)}`);
  const own = ownStream(record);
  const dataref = textHeader(record, 'ce_dataref');
  // A reference that we did not write would be waited for in vain, and the partition with it.
  if (dataref !== undefined && !(own && isReference(dataref))) throw new Unreadable('ce_dataref is none of ours');
  return {
    record,
    id: need('ce_id'),
    source: need('ce_source'),
    type,
    time,
    subject: textHeader(record, 'ce_subject'),
    traceparent: textHeader(record, 'traceparent'),
    dataref,
    own,
  };
}

/** The stream that one of our events names; null: none of ours. @throws Unreadable */
export function ownStream(record: LogRecord): Envelope['own'] {
  const stream = textHeader(record, 'ce_stream');
  const born = Number(textHeader(record, 'ce_born') || Number.NaN);
  const seq = Number(textHeader(record, 'ce_seq'));
  return stream && Number.isSafeInteger(seq) && seq >= 1 && Number.isSafeInteger(born) && born >= 0
    ? { stream, seq, born }
    : null;
}

/** Of a foreign producer: binary or structured mode, and nothing is believed. Times are judged by when it was appended. */
function foreignEnvelope(record: LogRecord): Envelope {
  const parsed = fromHeaders(record.headers, record.value);
  const time = 'fault' in parsed ? parsed : eventTimeOf(parsed.event, record.timestampMs);
  if ('fault' in parsed) throw unreadable(parsed.fault);
  if ('fault' in time) throw unreadable(time.fault);
  const { event } = parsed;
  if (event.data === undefined) throw new Unreadable('the event has no data', '/data', 'EVENT_INVALID');
  return {
    record,
    id: event.id,
    source: event.source,
    type: event.type,
    time: time.timeMs,
    subject: event.subject,
    traceparent: textOfAttribute(event, 'traceparent'),
    own: null,
    parsed: { data: event.data },
  };
}

/** How records are read. Whoever hands the same records to many services may read each of them once. */
export interface Reader {
  /** @throws Unreadable */
  envelopeOf(record: LogRecord, type?: string): Envelope;
  /** @throws Unreadable, PayloadNeeded */
  dataOf(envelope: Envelope, payloads: Payloads): unknown;
}

export const READER: Reader = { envelopeOf, dataOf };

const unreadable = ({ code, message, pointer }: Reason): Unreadable =>
  new Unreadable(`${pointer || 'the event'} ${message}`, pointer, code);

function textOfAttribute(event: CloudEventJson, name: string): string | undefined {
  const value = (event as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** The payload as data, checked against the schema of its type. @throws Unreadable, PayloadNeeded */
export function dataOf(envelope: Envelope, payloads: Payloads): unknown {
  const data = envelope.parsed ? envelope.parsed.data : parse(envelope, payloads);
  const schema = schemaOfRecord(envelope.record.topic, envelope.type);
  const fault = schema ? faultOf(schema, data) : null;
  if (fault) throw new Unreadable(`${fault.pointer || 'the data'} ${fault.message}`, fault.pointer, 'EVENT_INVALID');
  return data;
}

function parse({ record, dataref }: Envelope, payloads: Payloads): unknown {
  if (dataref !== undefined && !payloads.has(dataref)) throw new PayloadNeeded(dataref);
  try {
    const json = dataref === undefined ? headerText(record.value ?? undefined) : payloads.get(dataref);
    if (json !== undefined) return JSON.parse(json);
  } catch {
    // The parser quotes what it found; that may be somebody's words, and reasons are logged.
    throw new Unreadable('the value is not JSON in UTF-8');
  }
  throw new Unreadable('the record has no value');
}

/** Dead letters are on topics of the groups, which are in no table. */
const schemaOfRecord = (topic: string, type: string) => {
  const events = topic.endsWith('.dead-letter') ? DeadLetterEvents : topic.endsWith('.retry') ? RetryEvents : null;
  if (events) return Object.hasOwn(events, type) ? events[type as keyof typeof events] : undefined;
  return schemaOf(topic, type);
};

export const eventOf = (envelope: Envelope, data: unknown): CloudEvent => ({
  id: envelope.id,
  source: envelope.source,
  type: envelope.type,
  time: envelope.time,
  key: envelope.record.key ?? '',
  ...(envelope.own ?? { stream: foreignStream(envelope.source, envelope.id), seq: 1, born: 0 }),
  ...(envelope.subject === undefined ? {} : { subject: envelope.subject }),
  ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
  ...(envelope.dataref === undefined ? {} : { dataref: envelope.dataref }),
  data,
});

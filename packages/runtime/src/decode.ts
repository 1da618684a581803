/** From a record of the log to inputs: which event it is, whom it is for, how it is recognised when it comes again. */
import {
  type CloudEvent,
  DEAD_LETTER_TYPE,
  type DeadLetter,
  faultOf,
  headerText,
  type Message,
  schemaOf,
  TOPICS,
  type TopicEntry,
} from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import type { ServiceDefinition, Target } from './definition.ts';
import { foreignStream, type StreamIdentity, shortHash } from './inbox.ts';
import {
  intakeCollection,
  letterIdOf,
  lettersCollection,
  REPLAY_TYPE,
  RESOLVED_TYPE,
  type Reason,
  recordOf,
  timerOf,
} from './letters.ts';
import { type Input, TIMER_STREAM } from './work.ts';

/** What the headers say, before anybody looked at the value. */
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
}

export class Unreadable extends Error {
  readonly reason: Reason;
  constructor(message: string, pointer?: string, code = 'EVENT_UNREADABLE') {
    super(message);
    this.reason = { code, message, ...(pointer === undefined ? {} : { pointer }) };
  }
}

const isIntake = (topic: string): boolean => (TOPICS as Readonly<Record<string, TopicEntry>>)[topic]?.kind === 'intake';

/** @throws Unreadable */
export function envelopeOf(record: LogRecord): Envelope {
  const text = (name: string): string | undefined => {
    try {
      return headerText(record.headers[name]);
    } catch {
      throw new Unreadable(`the header ${name} is not UTF-8`);
    }
  };
  const need = (name: string): string => {
    const value = text(name);
    if (!value) throw new Unreadable(`the header ${name} is missing`);
    return value;
  };
  if (need('ce_specversion') !== '1.0')
    throw new Unreadable(`ce_specversion is ${text('ce_specversion')}; only 1.0 is known`);
  const when = text('ce_time');
  const time = when === undefined ? record.timestampMs : Date.parse(when);
  if (Number.isNaN(time)) throw new Unreadable(`ce_time is not a time: ${when}`);
  return {
    record,
    id: need('ce_id'),
    source: need('ce_source'),
    type: need('ce_type'),
    time,
    subject: text('ce_subject'),
    traceparent: text('traceparent'),
    dataref: text('ce_dataref'),
    own: isIntake(record.topic) ? null : ownStream(text('ce_stream'), text('ce_seq'), text('ce_born')),
  };
}

function ownStream(
  stream: string | undefined,
  seqText: string | undefined,
  bornText: string | undefined,
): Envelope['own'] {
  const seq = Number(seqText);
  const born = Number(bornText);
  if (!stream || !Number.isSafeInteger(seq) || seq < 1 || !Number.isSafeInteger(born) || bornText === undefined)
    return null;
  return { stream, seq, born };
}

/** Payloads that came by reference, as far as they were fetched. */
export type Payloads = ReadonlyMap<string, string>;

/** Says which payload has to be fetched before this can be decoded. */
export class PayloadNeeded extends Error {
  readonly ref: string;
  constructor(ref: string) {
    super(ref);
    this.ref = ref;
  }
}

/** The payload as data, checked against the schema of its type. @throws Unreadable, PayloadNeeded */
export function dataOf(envelope: Envelope, payloads: Payloads): unknown {
  const { record, type, dataref } = envelope;
  let data: unknown;
  try {
    if (dataref !== undefined && !payloads.has(dataref)) throw new PayloadNeeded(dataref);
    const json =
      dataref === undefined ? (record.value === null ? undefined : headerText(record.value)) : payloads.get(dataref);
    if (json === undefined) throw new Unreadable('the record has no value');
    data = JSON.parse(json);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof PayloadNeeded) throw error;
    throw new Unreadable(`the value is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const schema = schemaOf(record.topic, type);
  const fault = schema ? faultOf(schema, data) : null;
  if (fault) throw new Unreadable(`${fault.pointer || 'the data'} ${fault.message}`, fault.pointer, 'EVENT_INVALID');
  return data;
}

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

const isKernelType = (type: string): boolean =>
  type === DEAD_LETTER_TYPE || type === RESOLVED_TYPE || type === REPLAY_TYPE;

export class Decoder {
  readonly #definition: ServiceDefinition;

  constructor(definition: ServiceDefinition) {
    this.#definition = definition;
  }

  /** Null: not for this service. @throws Unreadable */
  envelope(record: LogRecord): Envelope | null {
    const envelope = envelopeOf(record);
    if (isKernelType(envelope.type) || this.#router(record.topic, envelope.type)) return envelope;
    // A newer release may publish types that this one does not know; a foreign producer's typing error is told to somebody.
    if (isIntake(record.topic) && schemaOf(record.topic, envelope.type) === undefined)
      throw new Unreadable(`the type ${envelope.type} is unknown on ${record.topic}`, undefined, 'EVENT_TYPE_UNKNOWN');
    return null;
  }

  #router(topic: string, type: string) {
    const routes = this.#definition.consumes[topic];
    return routes && (Object.hasOwn(routes, type) ? routes[type] : routes['*']);
  }

  /** @throws Unreadable, PayloadNeeded */
  inputs(envelope: Envelope, payloads: Payloads): readonly Input[] {
    const data = dataOf(envelope, payloads);
    if (envelope.type === REPLAY_TYPE) return this.#replay(data as DeadLetter, payloads);
    const event = eventOf(envelope, data);
    const foreign = envelope.own === null;
    const identity: StreamIdentity = {
      kind: 'stream',
      stream: event.stream,
      seq: event.seq,
      born: event.born,
      ...(foreign ? { hash: contentHash(event.type, data) } : {}),
      replay: false,
    };
    return this.#targets(event, envelope.record).map((target) => this.#input(target, event, identity, envelope.record));
  }

  /** A message that cannot be read goes to the intake document of its partition, which parks it. */
  unreadable(record: LogRecord, reason: Reason, replay = false): Input {
    const { service, lane } = { service: this.#definition.name, lane: String(record.partition) };
    const bytes = record.value === null ? '' : Buffer.from(record.value).toString('base64');
    // Offsets start again when a topic is made anew, so the content is part of the name.
    const stream = shortHash(`${record.topic}/${record.partition}/${record.offset}\u001f${bytes}`);
    return {
      target: { collection: intakeCollection(service), id: `${record.topic}/${record.partition}` },
      message: {
        id: stream,
        kind: 'event',
        type: 'unreadable',
        source: record.topic,
        time: record.timestampMs,
        data: null,
        origin: { topic: record.topic, partition: record.partition },
      },
      identity: { kind: 'stream', stream, seq: 1, born: 0, replay },
      cause: stream,
      lane,
      origin: { record },
      ...(replay ? {} : { unreadable: reason }),
    };
  }

  #targets(event: CloudEvent, record: LogRecord): readonly Target[] {
    const service = this.#definition.name;
    if (event.type === DEAD_LETTER_TYPE || event.type === RESOLVED_TYPE)
      return [{ collection: lettersCollection(service), id: letterIdOf(event.data as DeadLetter) }];
    return this.#router(record.topic, event.type)?.(event, record) ?? [];
  }

  #input(target: Target, event: CloudEvent, identity: StreamIdentity, record: LogRecord): Input {
    const { topic, partition } = record;
    const message: Message = {
      id: event.id,
      kind: 'event',
      type: event.type,
      source: event.source,
      time: event.time,
      data: event.data,
      origin: { topic, partition },
    };
    return {
      target,
      message,
      identity,
      cause: event.born === 0 ? `${event.source}|${event.id}` : event.id,
      lane: String(partition),
      traceparent: event.traceparent,
      origin: { record },
    };
  }

  /** The parked message once more, for the aggregate that parked it, under the identity it was parked with. */
  #replay(letter: DeadLetter, payloads: Payloads): readonly Input[] {
    const target = { collection: letter.collection, id: letter.aggregate };
    const identity: StreamIdentity = { kind: 'stream', stream: letter.stream, seq: letter.seq, born: 0, replay: true };
    const timer = timerOf(letter);
    if (timer)
      return [
        {
          target,
          message: timer,
          identity: { ...identity, stream: TIMER_STREAM },
          cause: timer.id,
          lane: '0',
          origin: { timer },
        },
      ];
    const record = recordOf(letter);
    if (!record) return [];
    try {
      const envelope = this.envelope(record);
      if (letter.collection !== intakeCollection(this.#definition.name)) {
        if (!envelope) return [];
        const event = eventOf(envelope, dataOf(envelope, payloads));
        return [this.#input(target, event, identity, record)];
      }
      // Readable now: it goes where it belongs under its own identity, and the intake document closes its hole.
      return [...(envelope ? this.inputs(envelope, payloads) : []), this.unreadable(record, letter.reason, true)];
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return []; // Still unreadable: the hole stays open, and so does its letter.
    }
  }
}

/** Of a foreign event, so that an id that is used twice with different contents is noticed. */
export const contentHash = (type: string, data: unknown): string =>
  shortHash(`${type}\u001f${JSON.stringify(data)}`).slice(0, 12);

/** From a record of the log to inputs: whom it is for, and how it is recognised when it comes again. */
import {
  type CloudEvent,
  DEAD_LETTER_TYPE,
  type DeadLetter,
  deadLetterTopic,
  type Message,
  retryTopic,
  schemaOf,
} from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import type { Router, ServiceDefinition, Target } from './definition.ts';
import {
  type Envelope,
  eventOf,
  isIntake,
  ownStream,
  type Payloads,
  READER,
  type Reader,
  textHeader,
  Unreadable,
} from './envelope.ts';
import { contentOf, hashOfContent, type StreamIdentity, shortHash } from './inbox.ts';
import {
  intakeCollection,
  letterIdOf,
  lettersCollection,
  REPLAY_TYPE,
  RESOLVED_TYPE,
  type Reason,
  type RecordOrigin,
  recordOf,
  timerOf,
} from './letters.ts';
import type { Input } from './work.ts';

/** Null: it can be one. Why not, else: the store would refuse it each time, and the partition would wait for ever. */
export function targetFault({ collection, id }: Target, collections: ReadonlySet<string>): string | null {
  if (!collections.has(collection)) return `there is no collection ${JSON.stringify(collection)} in this service`;
  const fits = typeof id === 'string' && id !== '' && id.isWellFormed() && !id.includes('\0');
  return fits && Buffer.byteLength(id) <= 512 ? null : `${JSON.stringify(String(id).slice(0, 60))} is no id`;
}

export class Decoder {
  readonly #definition: ServiceDefinition;
  readonly #collections: ReadonlySet<string>;
  readonly #letters: Router;
  readonly #reader: Reader;

  /** @param collections of the service, the kernel's own included. */
  constructor(definition: ServiceDefinition, collections: Iterable<string>, reader: Reader = READER) {
    this.#definition = definition;
    this.#reader = reader;
    this.#collections = new Set(collections);
    this.#letters = ({ data }) => [
      { collection: lettersCollection(definition.name), id: letterIdOf(data as DeadLetter) },
    ];
  }

  /** Null: not for this service. @throws Unreadable */
  envelope(record: LogRecord): Envelope | null {
    if (isIntake(record.topic)) return this.#foreign(record);
    // Most of what is on a topic may be for others: look at nothing but the type until that is known.
    const type = textHeader(record, 'ce_type');
    return type !== undefined && !this.#isKnown(record.topic, type) ? null : this.#reader.envelopeOf(record, type);
  }

  /** A newer release may publish types that this one does not know; a foreign producer's typing error is told to somebody. */
  #foreign(record: LogRecord): Envelope | null {
    const envelope = this.#reader.envelopeOf(record);
    if (this.#router(record.topic, envelope.type)) return envelope;
    if (schemaOf(record.topic, envelope.type)) return null;
    throw new Unreadable(`the type ${envelope.type} is unknown on ${record.topic}`, '/type', 'EVENT_TYPE_UNKNOWN');
  }

  #isKnown(topic: string, type: string): boolean {
    return this.#isReplay(topic, type) || this.#router(topic, type) !== undefined;
  }

  #isReplay(topic: string, type: string): boolean {
    return type === REPLAY_TYPE && topic === retryTopic(this.#definition.name);
  }

  #router(topic: string, type: string): Router | undefined {
    if (topic === deadLetterTopic(this.#definition.name))
      return type === DEAD_LETTER_TYPE || type === RESOLVED_TYPE ? this.#letters : undefined;
    const routes = Object.hasOwn(this.#definition.consumes, topic) ? this.#definition.consumes[topic] : undefined;
    return routes && (Object.hasOwn(routes, type) ? routes[type] : routes['*']);
  }

  /** @throws Unreadable, PayloadNeeded */
  inputs(envelope: Envelope, payloads: Payloads): readonly Input[] {
    const data = this.#reader.dataOf(envelope, payloads);
    if (this.#isReplay(envelope.record.topic, envelope.type)) return this.#replay(data as DeadLetter, payloads);
    const { event, origin } = this.#read(envelope, data);
    const { stream, seq, born } = event;
    const hash = envelope.own ? {} : { hash: hashOfContent(contentOf(event.type, event.data)) };
    const identity: StreamIdentity = { kind: 'stream', stream, seq, born, ...hash, replay: false };
    return this.#targets(event, envelope.record).map((target) => inputOf(target, event, identity, origin));
  }

  #read(envelope: Envelope, data: unknown): { event: CloudEvent; origin: RecordOrigin } {
    const { record, type, own } = envelope;
    const kept = own ? data : normalised(this.#definition, type, data);
    return { event: eventOf(envelope, kept), origin: kept === data ? { record } : { record, data: kept } };
  }

  /**
   * A message that cannot be read is parked by an intake document of its own: there is no order between such messages, so a flood of
   * them, of whatever size, holds up nobody.
   */
  unreadable(record: LogRecord, reason: Reason, replayed?: DeadLetter): Input {
    const stream = replayed ? replayed.stream : unreadableName(record);
    const { topic, partition, timestampMs } = record;
    return {
      target: {
        collection: intakeCollection(this.#definition.name),
        id: replayed ? replayed.aggregate : `${topic}/${partition}/${stream}`,
      },
      message: {
        id: stream,
        kind: 'event',
        type: 'unreadable',
        source: topic,
        time: timestampMs,
        data: null,
        origin: { topic, partition },
      },
      identity: { kind: 'stream', stream, seq: 1, born: 0, replay: replayed !== undefined },
      cause: stream,
      lane: String(partition),
      origin: { record },
      ...(replayed ? {} : { unreadable: reason }),
    };
  }

  #targets(event: CloudEvent, record: LogRecord): readonly Target[] {
    let targets: readonly Target[];
    try {
      targets = this.#router(record.topic, event.type)?.(event, record) ?? [];
    } catch (error) {
      throw new Unreadable(`nobody can tell whom it is for: ${error instanceof Error ? error.message : error}`);
    }
    for (const target of targets) this.#checkTarget(target);
    return targets;
  }

  #checkTarget(target: Target): void {
    const fault = targetFault(target, this.#collections);
    if (fault) throw new Unreadable(fault, undefined, 'RUNTIME_TARGET_INVALID');
  }

  /** The parked message once more, for the aggregate that parked it, under the identity it was parked with. */
  #replay(letter: DeadLetter, payloads: Payloads): readonly Input[] {
    const target = { collection: letter.collection, id: letter.aggregate };
    if (letter.group !== this.#definition.name) throw new Unreadable(`the letter is of the group ${letter.group}`);
    this.#checkTarget(target);
    const { stream, seq } = letter;
    const identity: StreamIdentity = { kind: 'stream', stream, seq, born: 0, replay: true };
    const timer = timerOf(letter);
    if (timer) return [timerReplay(target, timer, identity)];
    const record = recordOf(letter);
    if (!record) return [];
    try {
      const envelope = this.envelope(record);
      if (letter.collection === intakeCollection(this.#definition.name))
        return this.#replayUnreadable(letter, record, envelope, payloads);
      if (!envelope) return [];
      const { event, origin } = this.#read(envelope, this.#reader.dataOf(envelope, payloads));
      return [inputOf(target, event, identity, origin)];
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return []; // Still unreadable: the hole stays open, and so does its letter.
    }
  }

  /** Readable now: it goes where it belongs, and the intake document closes its hole. */
  #replayUnreadable(letter: DeadLetter, record: LogRecord, envelope: Envelope | null, payloads: Payloads) {
    const closing = this.unreadable(record, letter.reason, letter);
    const inputs = envelope ? this.inputs(envelope, payloads) : [];
    if (!envelope?.own) return [...inputs, closing];
    const late = letter.stream;
    return [...inputs.map((input) => ({ ...input, identity: { ...input.identity, late } })), closing];
  }
}

function inputOf(target: Target, event: CloudEvent, identity: StreamIdentity, origin: RecordOrigin): Input {
  const { id, type, source, time, data, stream, born, traceparent } = event;
  const { topic, partition } = origin.record;
  const message: Message = { id, kind: 'event', type, source, time, data, origin: { topic, partition } };
  const cause = born === 0 ? `${source}|${id}` : id;
  return {
    target,
    message,
    identity,
    // What is parked under another name (an id that was used twice) must not name its outputs as the first one did.
    cause: identity.stream === stream ? cause : `${cause}|${identity.stream}`,
    lane: String(partition),
    traceparent,
    origin,
  };
}

function timerReplay(target: Target, timer: Message, identity: StreamIdentity): Input {
  return {
    target,
    message: timer,
    identity,
    cause: timer.id,
    lane: '0', // the document is there, and keeps its own
    origin: { timer },
  };
}

/**
 * What an unreadable record is called: by its stream and number, or its source and id, where those can be read, so that a second
 * copy of it in the log is the same letter; else by its place. Of foreign ones the content is part of the name: a topic that is
 * made anew has the same offsets, and an id may be used twice.
 */
function unreadableName(record: LogRecord): string {
  const content = record.value === null ? '' : Buffer.from(record.value).toString('base64');
  try {
    const own = isIntake(record.topic) ? null : ownStream(record);
    if (own) return shortHash(`unreadable\u001f${own.stream}\u001f${own.seq}`);
    const [source, id] = [textHeader(record, 'ce_source'), textHeader(record, 'ce_id')];
    if (source && id) return shortHash(`unreadable\u001f${source}\u001f${id}\u001f${content}`);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return shortHash(`${record.topic}/${record.partition}/${record.offset}\u001f${content}`);
}

export const normalised = ({ normalise }: ServiceDefinition, type: string, data: unknown): unknown =>
  normalise ? normalise(type, data) : data;

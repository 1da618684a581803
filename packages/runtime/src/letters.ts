/**
 * Dead letters are a decision of the aggregate: the write that parks a message advances its stream, leaves a hole there, and
 * puts the letter into the outbox. A replay goes to the aggregate named in the letter and runs only if the hole is open;
 * so any number of replays is exact, and later messages need not wait.
 */
import {
  DEAD_LETTER_TYPE,
  type DeadLetter,
  type Decision,
  DomainError,
  documentIdOf,
  type Emit,
  headerText,
  type Message,
  sha256,
} from '@coachloop/contracts';
import type { IndexSpec, JsonObject } from '@coachloop/document-store';
import { LOG_BOUNDS, type LogRecord } from '@coachloop/event-log';
import { type Aggregate, aggregate, type Target } from './definition.ts';
import { DOCUMENT_BOUNDS } from './document.ts';
import { RUNTIME_ERRORS, RuntimeError } from './errors.ts';
import type { StreamIdentity } from './inbox.ts';
import { isLarger } from './payloads.ts';

/** Where a parked message came from: the record as it was, with what its data became where they were normalised; or the timer. */
export type Origin = RecordOrigin | { readonly timer: Message };
export interface RecordOrigin {
  readonly record: LogRecord;
  readonly data?: unknown;
}

export const RESOLVED_TYPE = 'dead-letter.resolved';
export const REPLAY_TYPE = 'dead-letter.replay-requested';
export const DISCARD_COMMAND = 'dead-letter.discard';
export const REPLAY_COMMAND = 'dead-letter.replay';

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
}

/** Why a message is parked: the domain's own word, or what broke. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof DomainError) {
    const { code, message, pointer } = error;
    return { code, message, ...(pointer === undefined ? {} : { pointer }) };
  }
  if (error instanceof RuntimeError) return { code: error.code, message: error.message };
  return {
    code: 'TRANSITION_FAILED',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  };
}

interface LetterName {
  readonly group: string;
  readonly collection: string;
  readonly aggregate: string;
  readonly stream: string;
  readonly seq: number;
}

export const letterIdOf = (l: LetterName): string =>
  documentIdOf('dead-letter', l.group, l.collection, l.aggregate, l.stream, l.seq);

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
const unbase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const REASON_CHARS_MAX = 2_000;
/** Of the headers of a record that is too large for a letter: as many as an event has attributes, each a short text. */
const SHORT_HEADERS_MAX = 64;
const SHORT_HEADER_BYTES_MAX = 1_024;

export function letterOf(
  group: string,
  target: Target,
  identity: StreamIdentity,
  origin: Origin,
  reason: Reason,
  now: number,
): Emit<DeadLetter> {
  const record = 'record' in origin ? origin.record : null;
  const { code, message, pointer } = reason;
  const short = (text: string) => text.slice(0, REASON_CHARS_MAX).toWellFormed();
  const letter: DeadLetter = {
    group,
    collection: target.collection,
    aggregate: target.id,
    stream: identity.stream,
    seq: identity.seq,
    origin: record ? { topic: record.topic, partition: record.partition, offset: record.offset } : null,
    reason: { code, message: short(message), ...(pointer === undefined ? {} : { pointer: short(pointer) }) },
    parkedAt: new Date(now).toISOString(),
    record: wholeOf(origin),
  };
  // Foreign producers may write more than we may: what cannot be parked would stop its partition for good.
  const isTooLarge = record !== null && isLarger(JSON.stringify(letter), DOCUMENT_BOUNDS.reference_bytes_max);
  const data = isTooLarge ? { ...letter, record: remainsOf(record) } : letter;
  return { type: DEAD_LETTER_TYPE, key: target.id, subject: letterIdOf(data), data };
}

function wholeOf(origin: Origin): DeadLetter['record'] {
  const record = 'record' in origin ? origin.record : null;
  const value = keptOf(origin);
  return {
    key: record?.key ?? null,
    headers: base64Of(Object.entries(record?.headers ?? {})),
    value: value === null ? null : base64(value),
    ...(record ? { timestampMs: record.timestampMs } : {}),
  };
}

/** Enough to recognise it, and to find it where it is. */
function remainsOf({ key, headers, value, timestampMs }: LogRecord): DeadLetter['record'] {
  const bytes = value ?? new Uint8Array();
  const short = Object.entries(headers).filter(([name, text]) => name.length + text.length <= SHORT_HEADER_BYTES_MAX);
  return {
    key: key !== null && key.length <= LOG_BOUNDS.key_bytes_max ? key : null,
    headers: base64Of(short.slice(0, SHORT_HEADERS_MAX)),
    value: null,
    timestampMs,
    omitted: { bytes: bytes.length, sha256: sha256(bytes) },
  };
}

const base64Of = (headers: readonly (readonly [string, Uint8Array])[]) =>
  Object.fromEntries(headers.map(([name, bytes]) => [name, base64(bytes)]));

function keptOf(from: Origin): Uint8Array | null {
  if ('timer' in from) return Buffer.from(JSON.stringify(from.timer));
  const { record, data } = from;
  if (data === undefined || record.value === null) return record.value;
  const isStructured = headerText(record.headers['content-type'])?.startsWith('application/cloudevents') ?? false;
  if (!isStructured) return Buffer.from(JSON.stringify(data));
  const { data_base64: _, ...attributes } = JSON.parse(headerText(record.value) ?? '') as JsonObject; // it was read before
  return Buffer.from(JSON.stringify({ ...attributes, data }));
}

/** The record as it was first read, to be handled once more. */
export const recordOf = (letter: DeadLetter): LogRecord | null =>
  letter.origin === null
    ? null
    : {
        ...letter.origin,
        key: letter.record.key,
        headers: Object.fromEntries(
          Object.entries(letter.record.headers).map(([name, text]) => [name, unbase64(text)]),
        ),
        value: letter.record.value === null ? null : unbase64(letter.record.value),
        timestampMs: letter.record.timestampMs ?? Date.parse(letter.parkedAt),
      };

export const timerOf = (letter: DeadLetter): Message | null =>
  letter.origin === null && letter.record.value !== null
    ? (JSON.parse(Buffer.from(letter.record.value, 'base64').toString()) as Message)
    : null;

export const resolved = (name: LetterName, how: 'replayed' | 'discarded', reason?: string): Emit => ({
  type: RESOLVED_TYPE,
  key: name.aggregate,
  subject: letterIdOf(name),
  data: { ...name, how, ...(reason === undefined ? {} : { reason }) },
});

export interface Discard {
  readonly stream: string;
  readonly seq: number;
  readonly reason: string;
}
export const discardOf = (message: Message): Discard | null =>
  message.kind === 'command' && message.type === DISCARD_COMMAND ? (message.data as Discard) : null;

/** What people see of dead letters: one document per letter, fed by the events above. */
export interface LetterState {
  readonly status: 'open' | 'replayed' | 'discarded';
  readonly letter: DeadLetter | null;
  readonly code: string;
  readonly parkedAt: string;
  readonly replays: number;
  readonly resolvedReason?: string;
  /** When it was replayed or discarded; absent where an earlier release closed it. */
  readonly resolvedAt?: string;
}

/** Beside the original, where its key may be a key of ours. */
const replayKey = ({ record: { key }, aggregate }: DeadLetter): string =>
  key !== null && key.length <= 300 && key.isWellFormed() ? key : aggregate;

export const lettersCollection = (service: string): string => `${service}.dead-letters`;
export const intakeCollection = (service: string): string => `${service}.intake`;

/** Newest last. The same in the collections of all services, which can so be read as one list. */
export const LETTER_INDEXES = {
  byStatus: { name: 'by-status', fields: ['state.status', 'state.parkedAt'] },
  byCode: { name: 'by-code', fields: ['state.status', 'state.code', 'state.parkedAt'] },
} as const satisfies Record<string, IndexSpec>;

export const lettersAggregate = (service: string): Aggregate<never> =>
  aggregate<LetterState>({
    collection: lettersCollection(service),
    schema: 1,
    indexes: Object.values(LETTER_INDEXES),
    initial: () => ({ status: 'open', letter: null, code: '', parkedAt: '', replays: 0 }),
    handle: (state, message): Decision<LetterState> => {
      const keep = { events: [], wakeAt: null };
      if (message.type === DEAD_LETTER_TYPE) {
        const letter = message.data as DeadLetter;
        // Its end may be known already: what says that it was parked may itself have been parked for a while.
        return { ...keep, state: { ...state, letter, code: letter.reason.code, parkedAt: letter.parkedAt } };
      }
      if (message.type === RESOLVED_TYPE) {
        const { how, reason } = message.data as { how: 'replayed' | 'discarded'; reason?: string };
        const resolvedAt = new Date(message.time).toISOString();
        return {
          ...keep,
          state: { ...state, status: how, resolvedAt, ...(reason === undefined ? {} : { resolvedReason: reason }) },
        };
      }
      if (message.type === REPLAY_COMMAND) {
        if (state.letter === null || state.status !== 'open')
          throw new DomainError(
            'DEAD_LETTER_NOT_OPEN',
            `This dead letter is ${state.letter === null ? 'not known' : state.status}.`,
            409,
          );
        if (state.letter.record.omitted !== undefined) throw tooLarge(state.letter, state.letter.record.omitted.bytes);
        const replay: Emit = {
          type: REPLAY_TYPE,
          key: replayKey(state.letter),
          data: state.letter,
        };
        return {
          state: { ...state, replays: state.replays + 1 },
          events: [replay],
          wakeAt: null,
          reply: { replayed: true },
        };
      }
      return { ...keep, state };
    },
  });

function tooLarge({ origin }: DeadLetter, bytes: number): DomainError {
  const place =
    origin === null ? 'its topic' : `${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`;
  const { status, whatToDo } = RUNTIME_ERRORS.DEAD_LETTER_TOO_LARGE;
  const detail = `Its message (a value of ${bytes} bytes) is not in the letter, but at ${place}.`;
  return new DomainError('DEAD_LETTER_TOO_LARGE', `${detail} ${whatToDo}`, status);
}

/** What an intake document parks: one message that cannot even be read. Its state is nothing; its inbox is all. */
export const intakeAggregate = (service: string): Aggregate<never> =>
  aggregate<object>({
    collection: intakeCollection(service),
    schema: 1,
    initial: () => ({}),
    handle: (state) => ({ state, events: [], wakeAt: null }),
  });

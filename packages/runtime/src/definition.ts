/** What a service is, as plain data. A reader who opens a `service.ts` made of this knows the service. */
import type { CloudEvent, Decision, Message } from '@coachloop/contracts';
import type { IndexSpec, JsonObject } from '@coachloop/document-store';

/** The state of an aggregate: plain JSON. */
export type State = object;

export interface Aggregate<S extends State = State> {
  /** Name of the collection and of the kind of aggregate, e.g. `calls`. */
  readonly collection: string;
  /** Version of the shape of `state`. Documents of older versions are read through `upcasts`. */
  readonly schema: number;
  /** From version n (the key) to n + 1; pure. */
  readonly upcasts?: Readonly<Record<number, (state: JsonObject) => JsonObject>>;
  /** It is about one matter (a call, a case), so that what happens to it belongs to one trace. */
  readonly oneMatter?: true;
  /** Indexes for queries; paths begin with `state.`. */
  readonly indexes?: readonly IndexSpec[];
  initial(id: string): S;
  /**
   * Pure. Fields of the state that this release does not know must be kept: spread the old state. A state of null deletes the
   * document: a tombstone keeps its number and inbox, and the next message finds `initial` again.
   */
  handle(state: S, message: Message, now: number): Decision<S | null>;
  /** Pure: the part of the state that must be equal between two runs over the same input; absent: not in the digest. */
  digest?(state: S, id: string): unknown;
}

/** One aggregate that a message is for. */
export interface Target {
  readonly collection: string;
  readonly id: string;
}

export type Router = (event: CloudEvent, origin: { topic: string; partition: number }) => readonly Target[];

export interface ServiceDefinition {
  readonly name: string;
  readonly aggregates: readonly Aggregate<never>[];
  /** Topic → event type → the aggregates it is for. A type that is not listed is skipped; `*` takes all others. */
  readonly consumes: Readonly<Record<string, Readonly<Record<string, Router>>>>;
  /**
   * Pure, and the same when applied twice: what the data of a foreign event become before anything is made of them, by
   * whichever way they came (identity, state, dead letter). For what must not be kept in clear.
   */
  readonly normalise?: (type: string, data: unknown) => unknown;
  /** Topics it writes; emitting to another one is an error. */
  readonly emits: readonly string[];
  /** Further topics that must be there before it takes requests: those that others read through it. */
  readonly offers?: readonly string[];
}

/** Keeps the state's type inside one aggregate, and forgets it in the list. */
export const aggregate = <S extends State>(definition: Aggregate<S>): Aggregate<never> =>
  definition as unknown as Aggregate<never>;

/** A command from HTTP, an import or an operator. `key` makes repeating it harmless. */
export interface Command {
  readonly target: Target;
  readonly type: string;
  readonly data: unknown;
  /** Idempotency key; the same key with another body is refused. */
  readonly key: string;
  /** Key that decides which partition owns the timers of a document this creates: as for its events. */
  readonly laneKey: string;
  /** When it happened, ms; absent: now. */
  readonly time?: number;
  readonly traceparent?: string;
}

/** An event from outside that came over HTTP: its identity is its source and id, as if it had come over the bus. */
export interface ForeignEvent {
  readonly target: Target;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: number;
  readonly data: unknown;
  readonly laneKey: string;
  readonly traceparent?: string;
}

/**
 * What became of a command or foreign event. `duplicate` carries the first reply; `conflict` is the same key or id with
 * another content; `rejected` is the domain's word, nothing was saved.
 */
export type Outcome =
  | { readonly status: 'done' | 'duplicate'; readonly reply: unknown }
  | { readonly status: 'conflict' }
  | { readonly status: 'rejected'; readonly error: Error };

/** A document as queries see it. */
export interface Found<S> {
  readonly id: string;
  readonly version: number;
  readonly state: S;
  readonly wakeAt: number | null;
  /** Of the trace in which it was made, where it is about one matter. */
  readonly traceId?: string;
}

export interface Clock {
  /** Domain time, ms since the epoch; may run faster than the wall clock (demo), or stand still (tests). */
  now(): number;
  /** Wall-clock time, ms since the epoch, for the kernel's own housekeeping. */
  wall(): number;
  /** Waits `realMs` of wall-clock time, or until aborted; never rejects. */
  sleep(realMs: number, signal?: AbortSignal): Promise<void>;
}

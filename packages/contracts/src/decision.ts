/**
 * What a pure transition takes and gives: `(state, message, now) → decision`. No I/O, no clock, no random number.
 * The runtime calls it, saves state, inbox and outbox in one guarded write, and publishes the outbox.
 */

/** What happened, as an aggregate sees it. */
export interface Message<Data = unknown> {
  /** The event's id; for a command its idempotency key; for a timer `<aggregate>/wake/<n>`. */
  readonly id: string;
  readonly kind: 'event' | 'command' | 'timer';
  /** Event type, command name, or `timer`. */
  readonly type: string;
  readonly source: string;
  /** When it happened (CloudEvents `time`), ms since the epoch; for a timer, the time it was set to. */
  readonly time: number;
  readonly data: Data;
  /** Where it came from; null for commands and timers. Projections use it. */
  readonly origin: { readonly topic: string; readonly partition: number } | null;
}

/** An event to be published. Its topic follows from its type (see the table of topics); its id from its cause. */
export interface Emit<Data = unknown> {
  readonly type: string;
  /** Partition key: call id on `call-events`, agent id on all others. */
  readonly key: string;
  readonly data: Data;
  /** When it happened, ms; absent: `now`. */
  readonly time?: number;
  /** CloudEvents `subject`: what it is about, e.g. a case id. */
  readonly subject?: string;
}

export interface Decision<State> {
  readonly state: State;
  readonly events: readonly Emit[];
  /** When this aggregate wants to be woken, ms; null: never. One timer per aggregate, the earliest it needs. */
  readonly wakeAt: number | null;
  /** Answer to a command. */
  readonly reply?: unknown;
}

/** Rejects a message. For a command: a problem response and nothing saved. For an event: it is parked as a dead letter. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  /** HTTP status for commands. */
  readonly status: number;
  /** JSON pointer into the message's data, where one field is to blame. */
  readonly pointer: string | undefined;
  constructor(code: string, message: string, status = 409, pointer?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.pointer = pointer;
  }
}

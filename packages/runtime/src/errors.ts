/** Errors of the runtime. Codes are stable; the catalogue in docs/errors.md is made from `RUNTIME_ERRORS`. */
export const RUNTIME_ERRORS = {
  RUNTIME_OVERLOADED: {
    status: 429,
    title: 'Too much is waiting',
    whatToDo: 'Send it again after the time in Retry-After.',
  },
  RUNTIME_UNAVAILABLE: {
    status: 503,
    title: 'The log or the store cannot be reached',
    whatToDo:
      'Send it again after the time in Retry-After, with the same key or id: what was kept of it is not done twice.',
  },
  RUNTIME_STOPPED: {
    status: 503,
    title: 'The service is stopping',
    whatToDo: 'Send it again after the time in Retry-After.',
  },
  RUNTIME_HOLES_FULL: {
    status: 500,
    title: 'An aggregate has too many open dead letters',
    whatToDo: 'Replay or discard dead letters of this aggregate; its partition waits until then.',
  },
  RUNTIME_TYPE_UNKNOWN: {
    status: 500,
    title: 'An event of an unknown type or topic was emitted',
    whatToDo: 'Add the type to the table of topics in packages/contracts, and the topic to `emits` of the service.',
  },
  RUNTIME_EMIT_INVALID: {
    status: 500,
    title: 'A transition made an event or a wake-up time that cannot be published or kept',
    whatToDo: 'Correct the transition: times are whole ms, keys and subjects short texts, data is JSON.',
  },
  RUNTIME_DOCUMENT_REFUSED: {
    status: 422,
    title: 'The document that this message makes cannot be stored',
    whatToDo:
      'Send less at once, or correct the aggregate: its state must be bounded, and indexed fields single values.',
  },
  RUNTIME_TARGET_INVALID: {
    status: 400,
    title: 'The message names an aggregate that cannot exist',
    whatToDo: 'Use an id of 1 to 512 bytes of well-formed text, and a collection of this service.',
  },
  RUNTIME_SCHEMA_UNKNOWN: {
    status: 500,
    title: 'A document has a shape that this release cannot read',
    whatToDo: 'Run a release that knows this schema version, or add the missing upcast.',
  },
  EVENT_ID_REUSED: {
    status: 409,
    title: 'The id was used before with another content',
    whatToDo: 'Give each event its own id; send a correction as a new event.',
  },
  EVENT_UNREADABLE: {
    status: 400,
    title: 'The message cannot be read as a CloudEvent of this topic',
    whatToDo: 'Correct the producer; then replay or discard the dead letter.',
  },
  EVENT_INVALID: {
    status: 400,
    title: 'The data does not fit the schema of its type',
    whatToDo: 'Correct the producer; then replay or discard the dead letter.',
  },
  EVENT_TYPE_UNKNOWN: {
    status: 400,
    title: 'The type is unknown on this topic',
    whatToDo: 'Correct the type or the topic; then discard the dead letter.',
  },
  TRANSITION_FAILED: {
    status: 500,
    title: 'An aggregate could not handle the message: a defect of ours',
    whatToDo: 'Correct it; then replay the dead letter.',
  },
  DEAD_LETTER_NOT_OPEN: {
    status: 409,
    title: 'The dead letter is not open',
    whatToDo: 'Look at its status: it was replayed or discarded, or never was.',
  },
  DEAD_LETTER_TOO_LARGE: {
    status: 422,
    title: 'The message of this dead letter was too large to be kept in it',
    whatToDo:
      'Read it from its topic at that place, as long as retention keeps it there; send what matters of it again in smaller events, and discard the dead letter.',
  },
  EVENT_TOO_OLD: {
    status: 400,
    title: 'The stream of the event is older than what the inbox remembers',
    whatToDo: 'Check by hand whether it was handled; then discard the dead letter.',
  },
} as const;

export type RuntimeErrorCode = keyof typeof RUNTIME_ERRORS;

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;
  readonly status: number;
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined;
  constructor(code: RuntimeErrorCode, detail: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(`${detail} ${RUNTIME_ERRORS[code].whatToDo}`, { cause: options.cause });
    this.code = code;
    this.status = RUNTIME_ERRORS[code].status;
    this.retryAfter = options.retryAfter;
  }
}

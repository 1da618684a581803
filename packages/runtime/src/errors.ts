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
    whatToDo: 'Send it again after the time in Retry-After; nothing of this request was kept.',
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

/** Thrown while starting: a file of rules or templates cannot be used. The message names the file, the place and the fault. */
export class NotificationConfigError extends Error {
  override readonly name = 'NotificationConfigError';
  readonly code = 'NOTIFICATION_CONFIG_INVALID';
}

export const NOTIFICATION_ERRORS = {
  NOTIFICATION_CONFIG_INVALID: {
    status: 500,
    title: 'A file of rules or templates cannot be used; the service does not start',
    whatToDo:
      'Correct the place that the message names; `rules/default.v1.yaml` and `templates/default.v1.yaml` are examples.',
  },
  NOTIFICATION_UNKNOWN: {
    status: 404,
    title: 'This person has no such notification',
    whatToDo: 'Take the id from the inbox; it keeps the last 200. Older ones are in GET /notification/v1/log.',
  },
  WEBHOOK_UNKNOWN: {
    status: 404,
    title: 'There is no such webhook',
    whatToDo: 'GET /notification/v1/webhooks lists those that exist; a deleted one does not come back.',
  },
  WEBHOOK_DELETED: {
    status: 410,
    title: 'The webhook that this request made was deleted',
    whatToDo: 'If it is wanted again, subscribe with a new Idempotency-Key.',
  },
  WEBHOOK_URL_NOT_ALLOWED: {
    status: 422,
    title: 'Events are not sent to this address',
    whatToDo:
      'Give an http or https URL without user name and password that leads to a public address. Inside a private network, start with COACHLOOP_WEBHOOK_ALLOW_PRIVATE=true.',
  },
  WEBHOOKS_TOO_MANY: {
    status: 422,
    title: 'There are as many webhooks as the bound allows',
    whatToDo: 'Delete one that is not needed; one webhook may take any number of types.',
  },
  WEBHOOK_BUSY: {
    status: 409,
    title: 'Earlier replays have not been cleared away yet',
    whatToDo: 'Try again in a minute.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The key was used for another request',
    whatToDo: 'Repeat a request unchanged, or give a new one its own Idempotency-Key.',
  },
  EVENT_TYPES_UNKNOWN: {
    status: 400,
    title: 'A pattern matches no event type',
    whatToDo: 'Name types such as training.assigned, or all below a name with training.*; separate several by commas.',
  },
  EVENTS_FROM_INVALID: {
    status: 400,
    title: 'It is not clear where to begin',
    whatToDo: 'Give `from` as start, now or an RFC 3339 time; or give `after` a cursor, not both.',
  },
  CURSOR_INVALID: {
    status: 400,
    title: 'This cursor is not one of ours',
    whatToDo:
      'Use the `cursor` of an event, `next` of a page or the id of an SSE event as it is, with the installation it came from.',
  },
  CURSOR_EXPIRED: {
    status: 410,
    title: 'Events after this cursor have been dropped by retention',
    whatToDo: 'Begin again without `after`: what is still kept comes from the beginning.',
  },
  EVENTS_NOT_ACCEPTABLE: {
    status: 406,
    title: 'Events do not come in this format',
    whatToDo: 'Accept application/x-ndjson, application/json or text/event-stream.',
  },
  EVENT_STREAMS_FULL: {
    status: 503,
    title: 'Too many clients are reading events',
    whatToDo: 'Try again later, or subscribe by webhook.',
  },
} as const;

export type NotificationErrorCode = keyof typeof NOTIFICATION_ERRORS;

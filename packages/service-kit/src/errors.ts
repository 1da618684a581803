/** What the HTTP edge itself answers, whichever service is behind it. Codes are stable; the error catalogue is made from this table. */
export const HTTP_ERRORS = {
  REQUEST_INVALID: {
    status: 400,
    title: 'The request does not fit its schema',
    whatToDo: 'Correct the field that `pointer` names; /docs/api has the schema.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    title: 'The request cannot be read',
    whatToDo: 'Correct what the detail names; a body must be what its Content-Type says.',
  },
  CURSOR_INVALID: {
    status: 400,
    title: 'This cursor is not one of ours',
    whatToDo: 'Use `next` of the page before, as it is, with the same filters.',
  },
  SIGN_IN_REQUIRED: {
    status: 403,
    title: 'Not without sign-in',
    whatToDo:
      'The server listens on an address of the network, where only ingest is served. Use it from its own machine, started with HOST=127.0.0.1.',
  },
  HOST_NOT_ALLOWED: {
    status: 403,
    title: 'Not under this name',
    whatToDo:
      'Use http://localhost or http://127.0.0.1, so that no other site can speak to it through a browser; or name the host in COACHLOOP_ALLOWED_HOSTS.',
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    title: 'Not from another site',
    whatToDo: 'A page of another site may not change anything here. Call from a program, or from the page served here.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no such thing',
    whatToDo: 'Take the id from a list.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is no such route',
    whatToDo: '/docs/api lists what there is.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Not with this method',
    whatToDo: 'Use one of the methods that the header Allow names.',
  },
  OPERATION_RUNNING: {
    status: 409,
    title: 'One check at a time',
    whatToDo: 'It reads everything there is; wait until the one that runs is done.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    whatToDo: 'Send several requests; the detail names the bound.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'This content type is not understood',
    whatToDo: 'Set Content-Type to one that /docs/api names for the route, and send no Content-Encoding.',
  },
  TOO_MUCH_AT_ONCE: {
    status: 503,
    title: 'Too many bytes are being handled at once',
    whatToDo: 'Send it again after the seconds of Retry-After, with fewer requests side by side.',
  },
  SERVICE_STARTING: {
    status: 503,
    title: 'The service is starting',
    whatToDo: 'Send it again after the seconds of Retry-After; /readyz says what it waits for.',
  },
  SERVICE_AWAY: {
    status: 503,
    title: 'A service does not answer',
    whatToDo:
      'Start the service that the detail names, or correct its address in COACHLOOP_SERVICES; other services go on.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The key was used for something else',
    whatToDo: 'Repeat a command unchanged, or give a new one a key of its own.',
  },
  INTERNAL: {
    status: 500,
    title: 'Something failed inside',
    whatToDo: 'Look for the id in `instance` in the logs; it is a defect of ours.',
  },
} as const;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

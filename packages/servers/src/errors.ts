/** What can go wrong, for the error catalogue of the docs. */
export const SERVER_ERRORS = {
  SERVER_NOT_AVAILABLE: {
    summary: 'No real server can be had on this machine.',
    whatToDo:
      'Name a running one (KAFKA_BROKERS, MONGODB_URI), start Docker, or install Java 17 or later and Maven (Debian: default-jdk-headless, maven).',
  },
  SERVER_NOT_ANSWERING: {
    summary: 'A variable names a server that does not answer.',
    whatToDo: 'Start it; or unset the variable, then one is started for you where that can be done.',
  },
  SERVER_DOWNLOAD_FAILED: {
    summary: 'A part of the server could not be downloaded, or was not what it should be.',
    whatToDo: 'Check the network; install Maven (Debian: maven), or name a Maven repository in COACHLOOP_MAVEN_URL.',
  },
  SERVER_START_FAILED: {
    summary: 'The server ended, or was not ready in time.',
    whatToDo: 'Read its last lines, which are part of the message; check memory and free ports.',
  },
} as const satisfies Record<string, { readonly summary: string; readonly whatToDo: string }>;

export type ServerErrorCode = keyof typeof SERVER_ERRORS;

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, what: string, options?: ErrorOptions) {
    super(`${what}. ${SERVER_ERRORS[code].whatToDo}`, options);
    this.code = code;
  }
}

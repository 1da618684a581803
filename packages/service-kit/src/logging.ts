/** Logs: one JSON line each, on stderr, with trace ids, and without personal data or secrets. */
import { destination, type Logger, pino } from 'pino';

/** Names of fields that never reach a log, wherever they stand. */
const SECRET = [
  'authorization',
  'cookie',
  'secret',
  'password',
  'token',
  'customerId',
  'agentName',
  'text',
  'transcript',
  'data',
  'body',
];

export function createLogger(level: string, name = 'coachloop'): Logger {
  const paths = SECRET.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    { name, level, redact: { paths, censor: '[hidden]' }, base: { name } },
    destination({ dest: 2, sync: true }),
  );
}

export type { Logger };

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

const CAUSES_MAX = 4;

/**
 * What a log says of an error, and of what caused it. Not its own fields: a driver hangs there what it was given. Nor what a
 * parser quotes: that may be somebody's words.
 */
export function causeOf(error: unknown, depth = 0): object | string | undefined {
  if (!(error instanceof Error)) return error === undefined ? undefined : String(error);
  const { name, message, stack = '', cause } = error;
  const said = error instanceof SyntaxError ? message.replace(/".*"/s, '"…"') : message;
  const at = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return { name, message: said, at, ...(depth < CAUSES_MAX ? { cause: causeOf(cause, depth + 1) } : {}) };
}

export type { Logger };

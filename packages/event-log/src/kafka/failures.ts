import { topicUnknown } from '../core/topics.ts';
import { isLogError, LogError } from '../errors.ts';

/** kafkajs marks its errors by name and, from the broker, by type. */
interface KafkaFailure extends Error {
  readonly type?: string;
  readonly cause?: unknown;
}

function chain(error: unknown): KafkaFailure[] {
  const found: KafkaFailure[] = [];
  for (let next = error; next instanceof Error && found.length < 8; next = next.cause) found.push(next);
  return found;
}

/** The broker's own name of what is wrong, such as `UNKNOWN_MEMBER_ID`, wherever the library packed it. */
export function typeOf(error: unknown): string | undefined {
  return chain(error).find(({ type }) => type !== undefined)?.type;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const NOT_ALLOWED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  // It takes no logins there at all.
  'ILLEGAL_SASL_STATE',
]);

/** The library gives this name to whatever ends a login, keeps its text alone, and gives it no type: the broker's answer, and a connection that broke. */
const LOGIN_FAILED = 'KafkaJSSASLAuthenticationError';
const BROKE = /Closed connection|Connection (error|timeout)|Not connected|timed out/;
const failedLogin = (error: unknown): KafkaFailure | undefined =>
  chain(error).find(({ name }) => name === LOGIN_FAILED);
const brokeInLogin = (error: unknown): boolean => BROKE.test(failedLogin(error)?.message ?? '');

const isDenied = (error: unknown): boolean =>
  NOT_ALLOWED.has(typeOf(error) ?? '') || (failedLogin(error) !== undefined && !brokeInLogin(error));

/** Trying again cannot help, or would be wrong. */
export function isFinal(error: unknown): boolean {
  return isLogError(error) || isDenied(error);
}

const BUSY = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP']);

/** The broker was reached and is not ready yet, as a coordinator in its first seconds: the connection is fine. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(typeOf(error) ?? '');
}

const LOST = new Set(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSNoBrokerAvailableError']);

/** A broker went away, or was not there. */
export function isLost(error: unknown): boolean {
  return isBusy(error) || brokeInLogin(error) || chain(error).some(({ name }) => LOST.has(name));
}

const UNKNOWN_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION';

/** A topic or a partition is not there. */
export function isGone(error: unknown): boolean {
  return typeOf(error) === UNKNOWN_TOPIC || isLogError(error, 'LOG_TOPIC_UNKNOWN');
}

/** A broker answered, or a topic is not there: it is about one topic, partition or batch, and others may be sent. */
export function isOfOnePlace(error: unknown): boolean {
  return typeOf(error) !== undefined || isLogError(error, 'LOG_TOPIC_UNKNOWN');
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Told by the texts of Node and OpenSSL: the codes are many, and some have none. */
const ABOUT_TLS = /\bTLS\b|\bSSL\b|certificate/i;
/** Nobody was reached, whatever the broker is called. */
const NOT_REACHED = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH/;

/** A broker that is just going down looks the same, so it is no reason to give up; but whoever waits should know where to look. */
const tlsHint = (error: unknown): string =>
  chain(error).some(({ message }) => ABOUT_TLS.test(message) && !NOT_REACHED.test(message))
    ? ' (does the broker speak TLS there, as KAFKA_SSL says, and is its certificate vouched for by KAFKA_SSL_CA?)'
    : '';

export function unavailable(what: string, error: unknown): LogError {
  if (isLogError(error)) return error;
  const said = `${what}: ${messageOf(error)}${tlsHint(error)}`;
  if (isDenied(error)) return new LogError('LOG_ACCESS_DENIED', said, { cause: error });
  if (TOO_LARGE.has(typeOf(error) ?? '')) return new LogError('LOG_TOPIC_BOUND_TOO_SMALL', said, { cause: error });
  if (typeOf(error) === 'INVALID_TIMESTAMP') return new LogError('LOG_TOPIC_SETTINGS_DIFFER', said, { cause: error });
  return new LogError('LOG_UNAVAILABLE', said, { cause: error });
}

/** A missing topic is a mistake of the caller's or of the operator's, and no outage. */
export function unknownTopicOr(error: unknown, topics: readonly string[]): unknown {
  return typeOf(error) === UNKNOWN_TOPIC && topics[0] !== undefined ? topicUnknown(topics[0]) : error;
}

export function closedError(): LogError {
  return new LogError('LOG_CLOSED', 'The log was closed');
}

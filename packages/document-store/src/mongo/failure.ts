import { StoreError, type StoreErrorCode } from '../errors.ts';

/** Unauthorized, AuthenticationFailed, and Atlas' own for a wrong user. */
const ACCESS_CODES: ReadonlySet<unknown> = new Set([13, 18, 8000]);
const COMMAND_NOT_FOUND = 59;
const ADDRESS_ERRORS = new Set([
  'MongoParseError',
  'MongooseError',
  'MongoInvalidArgumentError',
  'MongoMissingCredentialsError',
]);

/** What a driver's error means for the caller. The driver's messages name hosts, never passwords. */
export function toStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new StoreError(codeOf(error), `MongoDB, ${doing}: ${said.replace(/\.$/, '')}.`, { cause: error });
}

function codeOf(error: unknown): StoreErrorCode {
  if (!(error instanceof Error)) return 'STORE_UNAVAILABLE';
  if ('code' in error && ACCESS_CODES.has(error.code)) return 'STORE_ACCESS_DENIED';
  // A server that takes no logins at all.
  if ('code' in error && error.code === COMMAND_NOT_FOUND && /\bsasl/.test(error.message)) return 'STORE_ACCESS_DENIED';
  // Nothing was sent: every connection is in use.
  if (error.name === 'MongoWaitQueueTimeoutError') return 'STORE_OVERLOADED';
  return 'STORE_UNAVAILABLE';
}

/** Of an attempt to connect: a URI that nobody can use is told apart from a server that is away. */
export function toOpeningError(error: unknown): StoreError {
  const isAddress = error instanceof Error && (ADDRESS_ERRORS.has(error.name) || error instanceof TypeError);
  // The message may quote the URI, and with it the password.
  if (isAddress) return new StoreError('STORE_ADDRESS_INVALID', 'MongoDB: the URI cannot be read.');
  return toStoreError(error, 'connecting');
}

/** What the caller can do: `request`: correct the call; `passing`: try again later; `fatal`: the process cannot go on. */
export type StoreErrorKind = 'request' | 'passing' | 'fatal';

interface CatalogueEntry {
  readonly kind: StoreErrorKind;
  readonly summary: string;
  readonly whatToDo: string;
}

/** Every code of this package. The codes are stable. After a `request` error nothing was written. */
const catalogue = {
  STORE_CLOSED: {
    kind: 'request',
    summary: 'The store was closed.',
    whatToDo: 'Stop using it after close(), or open it again.',
  },
  STORE_DECLARATION_INVALID: {
    kind: 'request',
    summary: 'A collection or an index is not declared properly.',
    whatToDo: 'Correct the name, the fields or the number of indexes that the message names.',
  },
  STORE_DECLARATION_DIFFERS: {
    kind: 'request',
    summary: 'A collection or an index exists with another definition.',
    whatToDo: 'Give the changed index a new name; a collection cannot change between documents and marks.',
  },
  STORE_COLLECTION_UNKNOWN: {
    kind: 'request',
    summary: 'The collection was not declared in this process, or holds the other kind of data (documents, marks).',
    whatToDo: 'Call declare() with it first.',
  },
  STORE_INDEX_UNKNOWN: {
    kind: 'request',
    summary: 'The index was not declared in this process.',
    whatToDo: 'Declare it, or query by one that is.',
  },
  STORE_INDEX_MISSING: {
    kind: 'fatal',
    summary: 'Indexes of this release were not made in the database yet.',
    whatToDo: 'Run `coachloop indexes apply`, then start again.',
  },
  STORE_ID_INVALID: {
    kind: 'request',
    summary: 'An id or a lane is empty, too long, or holds U+0000 or a lone surrogate.',
    whatToDo: 'Use 1 to 512 bytes of well-formed text.',
  },
  STORE_WRITE_INVALID: {
    kind: 'request',
    summary: 'A write contradicts itself: versions that do not follow, a time that is no whole number, an id twice.',
    whatToDo: 'Write version expectedVersion + 1, whole milliseconds, and each id once per save.',
  },
  STORE_DOCUMENT_INVALID: {
    kind: 'request',
    summary: 'A body is not a JSON object, or is nested too deep to be written as JSON.',
    whatToDo: 'Store plain JSON data.',
  },
  STORE_DOCUMENT_TOO_LARGE: {
    kind: 'request',
    summary: 'A body is over 8 MiB of JSON.',
    whatToDo: 'Keep less in one document, or move large parts out by reference.',
  },
  STORE_BATCH_TOO_LARGE: {
    kind: 'request',
    summary: 'One call holds more documents, ids, marks or bytes than a round trip may.',
    whatToDo: 'Split the call.',
  },
  STORE_INDEX_VALUE_INVALID: {
    kind: 'request',
    summary: 'A document has a list or an object where an index needs a single value.',
    whatToDo: 'Index a field that holds a string, a number or a boolean.',
  },
  STORE_QUERY_INVALID: {
    kind: 'request',
    summary: 'A query gives more values than the index has fields, or bounds that do not fit together.',
    whatToDo: 'Give values for a prefix of the fields, and bounds of one type for the next field.',
  },
  STORE_CURSOR_INVALID: {
    kind: 'request',
    summary: 'A cursor is damaged, or comes from another query.',
    whatToDo: 'Pass `next` of the page before, with the same query; or begin again without a cursor.',
  },
  STORE_LIMIT_INVALID: {
    kind: 'request',
    summary: 'A limit is no whole number from 1 to 1,000.',
    whatToDo: 'Ask for a page of at most 1,000.',
  },
  STORE_OVERLOADED: {
    kind: 'passing',
    summary: 'The queue of writes is full; nothing of this call was written.',
    whatToDo: 'Slow down and call again.',
  },
  STORE_UNAVAILABLE: {
    kind: 'passing',
    summary: 'The store cannot be reached; nothing is known of the writes of this call.',
    whatToDo:
      'Check that it runs and can be reached from here, then try again; whether a write won, only loading tells.',
  },
  STORE_ACCESS_DENIED: {
    kind: 'passing',
    summary: 'The database knows the user or the password not, or does not let the user do this.',
    whatToDo:
      'Correct user, password and authSource in MONGODB_URI, or give the user the role readWrite on the database.',
  },
  STORE_ADDRESS_INVALID: {
    kind: 'fatal',
    summary: 'MONGODB_URI cannot be used.',
    whatToDo:
      'Write it as mongodb://user:password@host1,host2/database?replicaSet=name, special characters percent-encoded.',
  },
  STORE_LOCKED: {
    kind: 'fatal',
    summary: 'Another process has the store open.',
    whatToDo: 'Stop that process, or talk to it instead of opening its files.',
  },
  STORE_CORRUPT: {
    kind: 'fatal',
    summary: 'The file is damaged, or a document in the database was not written by a release of this product.',
    whatToDo: 'Keep a copy (of a file with its -wal), check the disk, and restore a backup.',
  },
  STORE_DISK_FULL: {
    kind: 'fatal',
    summary: 'There is no room for the write. What was acknowledged before is safe.',
    whatToDo: 'Free space (or raise fileBytesMax), then start again.',
  },
  STORE_FILE_UNKNOWN: {
    kind: 'fatal',
    summary: 'The file is not a document store, or was written by a newer release.',
    whatToDo: 'Check the path; or start the release that wrote it.',
  },
  STORE_IO_FAILED: {
    kind: 'fatal',
    summary: 'The file cannot be opened, read or written.',
    whatToDo: 'Check the path, its rights and the disk, then start again.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type StoreErrorCode = keyof typeof catalogue;
export const STORE_ERRORS: Readonly<Record<StoreErrorCode, CatalogueEntry>> = catalogue;

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly kind: StoreErrorKind;
  /** What happened, without the advice; `message` is this and the catalogue's way out. */
  readonly detail: string;

  constructor(code: StoreErrorCode, detail: string, options?: ErrorOptions) {
    super(`${detail} ${STORE_ERRORS[code].whatToDo}`, options);
    this.name = 'StoreError';
    this.code = code;
    this.kind = STORE_ERRORS[code].kind;
    this.detail = detail;
  }
}

import type { mongo } from 'mongoose';

export interface MongoStoreOptions {
  /** As MongoDB documents it: hosts, user, database, TLS, and whatever else the driver reads. */
  readonly uri: string;
  /**
   * Names of collections whose indexes an operator applies (`coachloop indexes apply`): declaring one of them makes nothing, and
   * throws `STORE_INDEX_MISSING` where one was never made. Absent: declaring makes what is missing.
   */
  readonly expect?: readonly string[];
  /** A command may take as long as it does, where the URI sets no `socketTimeoutMS`: for looking through whole collections. */
  readonly patient?: boolean;
  /** Bounds of the writes that wait for their answer; beyond them `STORE_OVERLOADED`. */
  readonly queueDocumentsMax?: number;
  readonly queueCharactersMax?: number;
  /** Told of each command that goes to the server: to count them, for metrics and tests. */
  readonly onCommand?: (command: MongoCommand) => void;
}

export interface MongoCommand {
  readonly name: string;
  /** Empty where it is about none. */
  readonly collection: string;
  /** As the driver sends it. */
  readonly command: Readonly<Record<string, unknown>>;
}

export const DATABASE_DEFAULT = 'coachloop';

type Defaults = Pick<
  mongo.MongoClientOptions,
  'appName' | 'serverSelectionTimeoutMS' | 'connectTimeoutMS' | 'socketTimeoutMS' | 'waitQueueTimeoutMS' | 'maxPoolSize'
>;

/**
 * What the URI does not say otherwise. Each wait has an end, since whoever handles events tries again anyway and tells of its
 * stall; the driver's own defaults wait for 30 s, or for ever.
 */
const DEFAULTS: Defaults = {
  appName: 'coachloop',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  /** Above the bound of a write that waits for its majority, so that such a write is answered and not cut off. */
  socketTimeoutMS: 20_000,
  waitQueueTimeoutMS: 5_000,
  /** A service works on a few batches at once. */
  maxPoolSize: 20,
};

/** As those of the embedded store. */
export const QUEUE_DOCUMENTS_MAX = 20_000;
export const QUEUE_CHARACTERS_MAX = 128 * 1024 * 1024;

const WRITE_CONCERN_MS_MAX = 10_000;

/** The options that the URI leaves open: the driver would let options win over the URI. */
export function defaultsBeside({ uri, patient = false }: MongoStoreOptions): Partial<Defaults> {
  const [, query = ''] = uri.split('?', 2);
  const given = new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
  const defaults: Defaults = patient ? { ...DEFAULTS, socketTimeoutMS: 0 } : DEFAULTS;
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase())));
}

/**
 * What the port promises, whatever the URI says: won survives the loss of a minority of the servers and of power, and what is
 * read can no longer be rolled back.
 */
export const CONCERNS = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITE_CONCERN_MS_MAX },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
} as const;

/** Composition roots of the two ways to run: both adapters on one data folder, or on Kafka and MongoDB. */
import { join } from 'node:path';
import type { DocumentStore } from '@coachloop/document-store';
import { openEmbeddedStore } from '@coachloop/document-store/embedded';
import { openMongoStoreLate } from '@coachloop/document-store/mongo';
import type { EventLog, TopicSpec } from '@coachloop/event-log';
import { lockFolder, openEmbeddedLog } from '@coachloop/event-log/embedded';
import { type KafkaLogOptions, openKafkaLog } from '@coachloop/event-log/kafka';
import type { Clock } from '@coachloop/runtime';
import type { Logger } from './logging.ts';

export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
  close(): Promise<void>;
}

/** In memory about four times as many bytes. The kernel and its transitions change no document that they were given. */
const RECENT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface EmbeddedOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly durability?: 'power-loss' | 'process-crash';
  /** Disk full, file damaged: say why and exit with a code other than 0. */
  readonly onFatal: (error: Error) => void;
}

export async function openEmbedded({
  directory,
  clock,
  durability = 'power-loss',
  onFatal,
}: EmbeddedOptions): Promise<Adapters> {
  const lock = lockFolder(directory);
  const log = await openEmbeddedLog({ file: join(directory, 'log.sqlite'), clock, durability, onFatal });
  const store = await openEmbeddedStore({
    file: join(directory, 'store.sqlite'),
    durability,
    onFatal,
    recentCharactersMax: RECENT_CHARACTERS_MAX,
  });
  return {
    log,
    store,
    async close(): Promise<void> {
      await log.close();
      await store.close();
      lock.release();
    },
  };
}

export interface DistributedOptions {
  readonly kafka: Pick<
    KafkaLogOptions,
    'brokers' | 'ssl' | 'sasl' | 'compression' | 'replicationFactor' | 'minInsyncReplicas'
  >;
  readonly mongoUri: string;
  readonly clock: Clock;
  /** How this process calls itself in the brokers' logs. */
  readonly clientId: string;
  /** The same, of this process alone and in each of its lives; undefined: there is no such name. */
  readonly instance: string | undefined;
  readonly logger: Logger;
  /** Topics, and names of collections, that an operator makes: to start without them, or with others, is an error. */
  readonly topics: readonly TopicSpec[];
  readonly collections: readonly string[];
  /** Records are gone that a group had not read: say why and exit with a code other than 0. */
  readonly onFatal: (error: Error) => void;
}

/** Neither is waited for: while one of them is away its calls say so. */
export function openDistributed(options: DistributedOptions): Adapters {
  const { kafka, mongoUri, clock, clientId, instance, logger, topics, collections, onFatal } = options;
  const log = openKafkaLog({
    ...kafka,
    clock,
    clientId,
    ...(instance === undefined ? {} : { instance }),
    topics,
    onFatal,
    onNotice: ({ level, message }) => logger[level](message),
  });
  const store = openMongoStoreLate({ uri: mongoUri, expect: collections });
  return {
    log,
    store,
    async close(): Promise<void> {
      await Promise.all([log.close(), store.close()]);
    },
  };
}

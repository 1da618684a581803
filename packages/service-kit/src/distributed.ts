/** Composition root of the other way to run: on Kafka and MongoDB. Apart from `adapters.ts`, whose users need not load their clients. */
import { openMongoStoreLate } from '@coachloop/document-store/mongo';
import type { TopicSpec } from '@coachloop/event-log';
import { type KafkaLogOptions, openKafkaLog } from '@coachloop/event-log/kafka';
import type { Clock } from '@coachloop/runtime';
import type { Adapters } from './adapters.ts';
import type { Logger } from './logging.ts';

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

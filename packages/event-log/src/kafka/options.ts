import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { Clock } from '../core/scheduler.ts';
import type { LogError } from '../errors.ts';
import type { TopicSpec } from '../port.ts';

export interface KafkaLogOptions {
  /** `host:port` of some brokers; they name the others. */
  readonly brokers: readonly string[];
  /** Dates records that bring no time. */
  readonly clock: Clock;
  /** How this process calls itself in the brokers' logs. */
  readonly clientId?: string;
  /**
   * As `clientId`, and nobody else has this name at the same time: a member of a group by this name is an earlier life of this
   * process, which was killed, and the group need not wait for it.
   */
  readonly instance?: string;
  /** TLS: `true` for the system's authorities, or Node's own options (`ca`, `cert`, `key`, `servername`). */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** How batches travel and are stored; default `none`. Topics made here are set to the same, so that brokers do not pack anew. */
  readonly compression?: 'none' | 'gzip';
  /**
   * What `createTopics` does: `create` (the default) makes and changes topics; `expect` changes nothing and throws when one is
   * missing or different, for services whose topics an operator applies; a list: `expect` for these, kept as long as they say,
   * `create` for all others.
   */
  readonly topics?: 'create' | 'expect' | readonly TopicSpec[];
  /** For topics made here; absent: the brokers' default. */
  readonly replicationFactor?: number;
  readonly minInsyncReplicas?: number;
  /**
   * Records are gone that a group had not read, or a partition begins anew: it is no longer consumed, since going on would
   * be silent loss. Called once per partition and consumer. Or the brokers do not let this user join a group, which came to
   * light after `consume()` returned. The process should say why and stop.
   */
  readonly onFatal?: (error: LogError) => void;
  /** What an operator may want to know: consumers and producers that were rebuilt, and why. */
  readonly onNotice?: (notice: Notice) => void;
  readonly timings?: Partial<KafkaTimings>;
  /** Tests put faults between us and the library. */
  readonly createClient?: (config: KafkaConfig) => Kafka;
}

export interface Notice {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** All in ms. */
export interface KafkaTimings {
  /** A request without an answer after this is taken for lost. */
  readonly requestMs: number;
  readonly connectMs: number;
  /** A call that fails keeps trying this long before it throws LOG_UNAVAILABLE. */
  readonly callMs: number;
  /** A send with all its tries; above `requestMs`. Then nobody knows what was written. */
  readonly sendMs: number;
  /** A member that the coordinator has not heard of for this long loses its partitions. */
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  /** How long `consume()` waits for the first join. It goes on joining; an outage is no reason not to start. */
  readonly joinMs: number;
  /** How soon a member hears of a rebalance; the fetch loop sends it, also during long work. */
  readonly heartbeatMs: number;
  /** The longest that a fetch waits for data, and so a resumed partition for its next fetch. */
  readonly fetchWaitMs: number;
  /** A consumer that shows no sign of life for this long is rebuilt; above `rebalanceMs`, since a join may take that long. */
  readonly silenceMs: number;
  /** How often the watchdog compares hungry partitions with the end of the log; two looks without progress: rebuilt. */
  readonly stallCheckMs: number;
  /** How long the library may take to stop before it is left behind. */
  readonly stopMs: number;
}

const TIMINGS: KafkaTimings = {
  requestMs: 15_000,
  connectMs: 3_000,
  callMs: 10_000,
  sendMs: 40_000,
  sessionMs: 30_000,
  rebalanceMs: 60_000,
  joinMs: 30_000,
  heartbeatMs: 1_000,
  fetchWaitMs: 200,
  silenceMs: 100_000,
  stallCheckMs: 15_000,
  stopMs: 5_000,
};

export interface Settings {
  readonly options: KafkaLogOptions;
  readonly timings: KafkaTimings;
  notice(level: Notice['level'], message: string): void;
  /** A new client: consumers must not share one (see session.ts). */
  client(): Kafka;
}

export function settingsOf(options: KafkaLogOptions, create: (config: KafkaConfig) => Kafka): Settings {
  const timings = { ...TIMINGS, ...options.timings };
  const notice = (level: Notice['level'], message: string) => options.onNotice?.({ level, message });
  const config: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.instance ?? options.clientId ?? 'coachloop',
    connectionTimeout: timings.connectMs,
    authenticationTimeout: timings.connectMs,
    requestTimeout: timings.requestMs,
    enforceRequestTimeout: true,
    // All of them, because the library takes other defaults where NODE_ENV is "test". Few tries: we try again ourselves,
    // with a fresh client, and can tell our caller.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 3 },
    // Its errors are those that it recovers from, or that we hear of anyway.
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }) =>
        notice('info', `kafkajs ${namespace}: ${log.message}`),
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: saslOf(options.sasl) }),
  };
  return { options, timings, notice, client: () => (options.createClient ?? create)(config) };
}

function saslOf({ mechanism, username, password }: NonNullable<KafkaLogOptions['sasl']>): SASLOptions {
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

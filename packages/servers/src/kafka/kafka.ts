import { expectAnswer } from '../answers.ts';
import { dockerAnswers } from '../docker.ts';
import { ServerError } from '../errors.ts';
import { canBring, readJarList } from '../jars.ts';
import { findJava } from '../java.ts';
import type { Origin, RunningServer } from '../server.ts';
import type { Broker } from './broker.ts';
import { startKafkaFromDocker } from './from-docker.ts';
import { startKafkaFromJava } from './from-java.ts';
import type { SecurePlan } from './properties.ts';

export const KAFKA_VARIABLE = 'KAFKA_BROKERS';

export interface KafkaServer extends RunningServer {
  /** To kill, freeze and start again. Empty where the brokers are not ours to hurt, or run in containers. */
  readonly brokers: readonly Broker[];
  /** `host:port` of the listener with TLS and SASL, where one was asked for. */
  readonly secureAddress?: string;
}

export interface StartKafkaOptions {
  /** Default 1. With 3, topics have replicas and leaders move. */
  readonly brokers?: number;
  /** It will run for long, and is to be fast rather than to start quickly. */
  readonly lasting?: boolean;
  /** One broker with one more listener, for clients with TLS and SASL (PLAIN, SCRAM-SHA-256 and -512). Not with Docker. */
  readonly secure?: Omit<SecurePlan, 'port'>;
  /** Taken where they are free. */
  readonly preferredPorts?: readonly number[];
  /** In which folder that of its data is made; default: where temporary ones are. Not with Docker. */
  readonly within?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Gets a line of progress now and then. */
  readonly say?: (line: string) => void;
}

/** Where a Kafka would come from here; undefined: nowhere. Starts nothing. */
export async function kafkaOrigin(env: NodeJS.ProcessEnv = process.env): Promise<Origin | undefined> {
  if (env[KAFKA_VARIABLE]) return 'environment';
  if (await dockerAnswers(env)) return 'docker';
  const [java, jars] = await Promise.all([findJava(env), canBring(readJarList('kafka'), env)]);
  return java === undefined || !jars ? undefined : 'java';
}

/** The Kafka that KAFKA_BROKERS names, else one of our own. Throws `SERVER_…`. */
export async function openKafka(options: StartKafkaOptions = {}): Promise<KafkaServer> {
  const address = (options.env ?? process.env)[KAFKA_VARIABLE];
  if (!address) return startKafka(options);
  await expectAnswer(KAFKA_VARIABLE, address.split(','));
  return { address, description: `Kafka at ${address} (${KAFKA_VARIABLE})`, brokers: [], stop: async () => undefined };
}

/** A Kafka of our own: containers where an engine answers, else Java. */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaServer> {
  const env = options.env ?? process.env;
  if (await dockerAnswers(env)) return startKafkaFromDocker(options);
  return startKafkaHere(options);
}

/** Brokers as processes of this machine, which can be killed and frozen: for tests of faults. */
export async function startKafkaHere(options: StartKafkaOptions = {}): Promise<KafkaServer> {
  const java = await findJava(options.env ?? process.env);
  if (java === undefined) throw new ServerError('SERVER_NOT_AVAILABLE', 'There is no Kafka to be had');
  return startKafkaFromJava(java, options);
}

/** How to reach Kafka and MongoDB, from the settings. */
import type { KafkaLogOptions, Replicas } from '@coachloop/event-log/kafka';
import { CliError } from '../errors.ts';
import { userPath } from '../paths.ts';
import { contentOf } from './read.ts';
import type { SettingName, Settings } from './settings.ts';

export type KafkaSettings = Pick<
  KafkaLogOptions,
  'brokers' | 'ssl' | 'sasl' | 'compression' | 'replicationFactor' | 'minInsyncReplicas'
>;

/** The same for whoever makes topics, compares them or writes to them. @throws CliError CONFIG_INVALID */
export function kafkaOf(settings: Settings): KafkaSettings {
  const { KAFKA_BROKERS: brokers, KAFKA_COMPRESSION: compression } = settings;
  if (brokers === undefined)
    throw new CliError('CONFIG_INVALID', 'No Kafka is named: set KAFKA_BROKERS to host:port,….');
  return { brokers: brokers.split(','), compression, ...sslOf(settings), ...saslOf(settings), ...copiesOf(settings) };
}

/** With three copies one broker may be away; two must have what is acknowledged, else one that fails takes it along. */
const SAFE_REPLICAS = 3;
const SAFE_MIN_INSYNC = 2;

function copiesOf(settings: Settings): Pick<KafkaSettings, 'replicationFactor' | 'minInsyncReplicas'> {
  const { KAFKA_REPLICATION_FACTOR: replicas } = settings;
  const minInsync =
    settings.KAFKA_MIN_INSYNC_REPLICAS ?? ((replicas ?? 0) >= SAFE_REPLICAS ? SAFE_MIN_INSYNC : undefined);
  return {
    ...(replicas === undefined ? {} : { replicationFactor: replicas }),
    ...(minInsync === undefined ? {} : { minInsyncReplicas: minInsync }),
  };
}

/** What is missing to that, where there are brokers enough; null: nothing. */
export function copiesMissing({ brokers, topics }: Replicas): string | null {
  if (brokers < SAFE_REPLICAS) return null;
  const few = topics.filter(({ replicas }) => replicas < SAFE_REPLICAS);
  const [first] = few;
  if (first)
    return (
      `There are ${brokers} brokers, and ${few.length} topics have fewer than ${SAFE_REPLICAS} copies (${first.topic}: ${first.replicas}): what was acknowledged is lost with a disk. ` +
      `Set KAFKA_REPLICATION_FACTOR=${SAFE_REPLICAS} before topics are made; those that exist are moved with kafka-reassign-partitions.`
    );
  const eager = topics.filter(({ minInsync }) => minInsync < SAFE_MIN_INSYNC);
  if (eager.length === 0) return null;
  return (
    `${eager.length} topics (${eager[0]?.topic}, …) acknowledge what one broker alone has (min.insync.replicas): ` +
    `set KAFKA_MIN_INSYNC_REPLICAS=${SAFE_MIN_INSYNC} and run \`coachloop topics apply\`.`
  );
}

function sslOf({ KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY }: Settings): Pick<KafkaLogOptions, 'ssl'> {
  const ca = KAFKA_SSL_CA === undefined ? {} : { ca: fileOf('KAFKA_SSL_CA', KAFKA_SSL_CA) };
  const own =
    KAFKA_SSL_CERT === undefined || KAFKA_SSL_KEY === undefined
      ? {}
      : { cert: fileOf('KAFKA_SSL_CERT', KAFKA_SSL_CERT), key: fileOf('KAFKA_SSL_KEY', KAFKA_SSL_KEY) };
  const options = { ...ca, ...own };
  if (Object.keys(options).length > 0) return { ssl: options };
  return KAFKA_SSL ? { ssl: true } : {};
}

function saslOf(settings: Settings): Pick<KafkaLogOptions, 'sasl'> {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (mechanism === undefined || username === undefined || password === undefined) return {};
  return { sasl: { mechanism, username, password } };
}

/** The URI, with what stands in variables and files of its own. @throws CliError CONFIG_INVALID */
export function mongoUriOf(settings: Settings): string {
  const { MONGODB_URI: uri, MONGODB_USERNAME: user, MONGODB_PASSWORD: password } = settings;
  if (uri === undefined) throw new CliError('CONFIG_INVALID', 'No MongoDB is named: set MONGODB_URI to mongodb://….');
  const match = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(\/[^?]*)?(?:\?(.*))?$/.exec(uri);
  if (!match) throw new CliError('CONFIG_INVALID', 'MONGODB_URI cannot be read.');
  const [, scheme = '', hosts = '', path = '/', query = ''] = match;
  if (user !== undefined && hosts.includes('@'))
    throw new CliError(
      'CONFIG_INVALID',
      'MONGODB_URI names a user, and so does MONGODB_USERNAME; one of them is enough.',
    );
  const who = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`;
  const all = [query, ...tlsOf(settings)].filter((part) => part !== '').join('&');
  return `${scheme}${who}${hosts}${path}${all === '' ? '' : `?${all}`}`;
}

function tlsOf({ MONGODB_TLS_CA: ca, MONGODB_TLS_CERT_KEY: own }: Settings): readonly string[] {
  const files = { tlsCAFile: ca, tlsCertificateKeyFile: own };
  const given = Object.entries(files).flatMap(([name, path]) => {
    if (path === undefined) return [];
    fileOf(name === 'tlsCAFile' ? 'MONGODB_TLS_CA' : 'MONGODB_TLS_CERT_KEY', path); // says what is wrong with it, by its name
    return [`${name}=${encodeURIComponent(userPath(path))}`];
  });
  return given.length === 0 ? [] : ['tls=true', ...given];
}

function fileOf(name: SettingName, path: string): string {
  try {
    return contentOf(name, path);
  } catch (error) {
    throw new CliError('CONFIG_INVALID', error instanceof Error ? error.message : String(error));
  }
}

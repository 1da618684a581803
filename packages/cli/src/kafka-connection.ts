/** How to reach Kafka, from the environment. */
import { readFileSync } from 'node:fs';
import type { KafkaLogOptions } from '@coachloop/event-log/kafka';
import { CliError } from './errors.ts';
import { userPath } from './paths.ts';

type Connection = Pick<KafkaLogOptions, 'brokers' | 'ssl' | 'sasl'>;
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/**
 * KAFKA_BROKERS (`host:port,…`), KAFKA_SSL (`true`; KAFKA_SSL_CA names a file of authorities), KAFKA_SASL_MECHANISM with
 * KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD. Throws `ARGUMENT_INVALID`.
 */
export function kafkaConnection(env: NodeJS.ProcessEnv, given?: string): Connection {
  const brokers = (given ?? env.KAFKA_BROKERS ?? '').split(',').flatMap((broker) => broker.trim() || []);
  if (brokers.length === 0) throw new CliError('ARGUMENT_INVALID', 'No Kafka is named: --brokers or KAFKA_BROKERS.');
  const wrong = brokers.find((broker) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker));
  if (wrong !== undefined) throw new CliError('ARGUMENT_INVALID', `KAFKA_BROKERS: ${wrong} is no host:port.`);
  return { brokers, ...sslOf(env), ...saslOf(env) };
}

function sslOf({ KAFKA_SSL: ssl, KAFKA_SSL_CA: ca }: NodeJS.ProcessEnv): Pick<Connection, 'ssl'> {
  if (ca) return { ssl: { ca: readFileSync(userPath(ca)) } };
  if (ssl === undefined || ssl === '' || ssl === 'false') return {};
  if (ssl === 'true') return { ssl: true };
  throw new CliError('ARGUMENT_INVALID', `KAFKA_SSL is ${ssl}, neither true nor false.`);
}

function saslOf(env: NodeJS.ProcessEnv): Pick<Connection, 'sasl'> {
  const { KAFKA_SASL_MECHANISM: wanted, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env;
  if (!wanted) return {};
  const mechanism = MECHANISMS.find((one) => one === wanted.toLowerCase());
  if (mechanism === undefined) {
    throw new CliError('ARGUMENT_INVALID', `KAFKA_SASL_MECHANISM is ${wanted}, none of ${MECHANISMS.join(', ')}.`);
  }
  if (!username || !password) {
    throw new CliError('ARGUMENT_INVALID', 'KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.');
  }
  return { sasl: { mechanism, username, password } };
}

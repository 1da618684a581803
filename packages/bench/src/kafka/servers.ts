/** The servers of one round: those that the environment names, else our own, which go with it. */
import { KAFKA_VARIABLE, openKafka, openMongo } from '@coachloop/servers';
import { BenchError } from '../errors.ts';
import type { Settings } from '../measure.ts';
import { dropTopics, topicsOn } from './bare.ts';

type How = Pick<Settings, 'quick' | 'say'>;

export interface KafkaOnly {
  readonly brokers: readonly string[];
  /** What it is. */
  readonly description: string;
}

export interface Servers extends KafkaOnly {
  /** A database that nobody has used. */
  readonly mongoUri: string;
}

/** Begins and ends without topics. @throws BenchError where the brokers that the environment names have some: they might be in use */
export async function withKafka<T>({ quick, say }: How, use: (kafka: KafkaOnly) => Promise<T>): Promise<T> {
  const { address, description, stop } = await openKafka({ lasting: !quick, say });
  try {
    const brokers = address.split(',');
    const known = await topicsOn(brokers);
    if (known.length > 0)
      throw new BenchError(
        `${description} has topics (${known.slice(0, 3).join(', ')}, …). The bench deletes topics, so it needs brokers of its own: unset ${KAFKA_VARIABLE}.`,
      );
    const result = await use({ brokers, description });
    await dropTopics(brokers);
    return result;
  } finally {
    await stop();
  }
}

/** The same with a database. */
export const withServers = <T>(how: How, use: (servers: Servers) => Promise<T>): Promise<T> =>
  withKafka(how, async ({ brokers, description }) => {
    const mongo = await openMongo({ say: how.say });
    try {
      const mongoUri = freshDatabase(mongo.address);
      return await use({ brokers, mongoUri, description: `${description}; ${mongo.description}` });
    } finally {
      await mongo.stop();
    }
  });

/** The same server, another database. */
export function freshDatabase(uri: string): string {
  const url = new URL(uri);
  url.pathname = `/bench_${Date.now().toString(36)}_${Math.floor(performance.now()).toString(36)}`;
  return url.href;
}

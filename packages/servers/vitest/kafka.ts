/**
 * For `globalSetup` of a package whose tests want a Kafka: starts one for the whole run, and hands its address over as
 * `inject('kafka')`; empty where there is none, and then tests skip, unless COACHLOOP_TEST_REQUIRE names kafka or KAFKA_BROKERS one that does not answer.
 */
import type { TestProject } from 'vitest/node';
import { ServerError } from '../src/errors.ts';
import { KAFKA_VARIABLE, kafkaOrigin, openKafka } from '../src/kafka/kafka.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kafka: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const say = (line: string) => console.error(line);
  const isRequired = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
  // Whoever names one wants the tests to run on it.
  const required = isRequired || Boolean(process.env[KAFKA_VARIABLE]);
  try {
    if (!required && (await kafkaOrigin()) === undefined) {
      say('Notice: neither KAFKA_BROKERS, nor Docker, nor Java 17: tests on a real Kafka are skipped');
      project.provide('kafka', '');
      return undefined;
    }
    const server = await openKafka({ say });
    say(`Kafka for these tests: ${server.description}`);
    project.provide('kafka', server.address);
    return () => server.stop();
  } catch (error) {
    if (error instanceof ServerError) error.stack = ''; // vitest prints it, and the message says all
    if (required) throw error;
    say(`Notice: tests on a real Kafka are skipped: ${error instanceof Error ? error.message : String(error)}`);
    project.provide('kafka', '');
    return undefined;
  }
}

/**
 * For `globalSetup` of a package whose tests want a Kafka: starts one for the whole run, and hands its address over as
 * `inject('kafka')`; empty where there is none, and then tests skip, unless COACHLOOP_TEST_REQUIRE names kafka.
 */
import type { TestProject } from 'vitest/node';
import { kafkaOrigin, openKafka } from '../src/kafka/kafka.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kafka: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const say = (line: string) => console.error(line);
  const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
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
    if (required) throw error;
    say(`Notice: tests on a real Kafka are skipped: ${error instanceof Error ? error.message : String(error)}`);
    project.provide('kafka', '');
    return undefined;
  }
}

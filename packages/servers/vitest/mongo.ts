/**
 * For `globalSetup` of a package whose tests want a MongoDB: starts one for the whole run, and hands its URI over as
 * `inject('mongo')`; empty where there is none, and then tests skip, unless COACHLOOP_TEST_REQUIRE names mongo or MONGODB_URI one that does not answer.
 */
import type { TestProject } from 'vitest/node';
import { ServerError } from '../src/errors.ts';
import { MONGO_VARIABLE, mongoOrigin, openMongo } from '../src/mongo/mongo.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mongo: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const say = (line: string) => console.error(line);
  const isRequired = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('mongo');
  // Whoever names one wants the tests to run on it.
  const required = isRequired || Boolean(process.env[MONGO_VARIABLE]);
  try {
    if (!required && (await mongoOrigin()) === undefined) {
      say('Notice: neither MONGODB_URI, nor Docker, nor a JDK 17: tests on a MongoDB are skipped');
      project.provide('mongo', '');
      return undefined;
    }
    const server = await openMongo({ say });
    say(`MongoDB for these tests: ${server.description}`);
    project.provide('mongo', server.address);
    return () => server.stop();
  } catch (error) {
    if (error instanceof ServerError) error.stack = ''; // vitest prints it, and the message says all
    if (required) throw error;
    say(`Notice: tests on a MongoDB are skipped: ${error instanceof Error ? error.message : String(error)}`);
    project.provide('mongo', '');
    return undefined;
  }
}

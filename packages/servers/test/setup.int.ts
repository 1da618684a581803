import { expect, onTestFinished, test, vi } from 'vitest';
import type { TestProject } from 'vitest/node';
import kafka from '../vitest/kafka.ts';
import mongo from '../vitest/mongo.ts';

test.each([
  ['KAFKA_BROKERS', '127.0.0.1:1', kafka],
  ['MONGODB_URI', 'mongodb://u:hush@127.0.0.1:1/db', mongo],
] as const)(
  'tests on the server that %s names fail at once where it does not answer, required or not',
  async (name, address, setup) => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv(name, address);
    vi.stubEnv('COACHLOOP_TEST_REQUIRE', '');
    const project = { provide: () => undefined } as unknown as TestProject;
    await expect(setup(project)).rejects.toMatchObject({
      code: 'SERVER_NOT_ANSWERING',
      message: expect.stringMatching(new RegExp(`^${name}: nothing answers at 127\\.0\\.0\\.1:1\\. `)),
      stack: '',
    });
  },
);

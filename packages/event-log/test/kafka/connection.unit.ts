import kafkajs from 'kafkajs';
import { expect, test, vi } from 'vitest';
import { TopicAdmin } from '../../src/kafka/admin.ts';
import { Connection } from '../../src/kafka/connection.ts';
import { settingsOf } from '../../src/kafka/options.ts';

test('a call gives up in time, also when the clock of the machine is set back meanwhile', async () => {
  const clock = vi.spyOn(Date, 'now');
  const settings = settingsOf(
    { brokers: ['127.0.0.1:1'], clock: { now: () => 0 }, timings: { callMs: 500, connectMs: 100 } },
    (config) => new kafkajs.Kafka({ ...config, retry: { retries: 0 } }),
  );
  const [connection, admin] = [new Connection(settings), new TopicAdmin(settings)];
  try {
    const calls = Promise.allSettled([connection.call('Looking', async () => 0), admin.brokerCount()]);
    const hourAgo = Date.now() - 3_600_000;
    clock.mockImplementation(() => hourAgo);
    for (const outcome of await calls) expect(outcome).toMatchObject({ reason: { code: 'LOG_UNAVAILABLE' } });
  } finally {
    clock.mockRestore();
    await connection.close();
    await admin.close();
  }
});

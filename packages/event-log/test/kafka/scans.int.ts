/** A scan while brokers are away for a moment, or for longer. */
import { describe, expect, test } from 'vitest';
import { newTopic, numbered, text } from '../conformance/fixtures.ts';
import { brokers, openLog, withFaults } from './fixtures.ts';

describe.skipIf(brokers.length === 0)('a scan whose reader takes its time', () => {
  test.each([
    ['goes on when the brokers were away for a moment', 3],
    ['ends with an error of the log when they stay away', Number.POSITIVE_INFINITY],
  ])('%s', async (_, failures) => {
    let left = 0;
    const { log } = openLog({
      createClient: withFaults({
        cluster: (cluster) => ({
          fetchTopicsOffset: (asked) =>
            left-- > 0 ? Promise.reject(new Error('socket hang up')) : cluster.fetchTopicsOffset(asked),
        }),
      }),
    });
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 3));
    const values: (string | null)[] = [];
    const scan = async () => {
      for await (const records of log.scan({ topics: [topic], from: 'start', maxBatchRecords: 1 })) {
        values.push(...records.map(({ value }) => text(value)));
        if (values.length > 1) continue;
        left = failures;
        await new Promise((resolve) => setTimeout(resolve, 20)); // a slow reader
      }
    };
    if (failures < 10) await scan();
    else await expect(scan()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    expect(values).toEqual(failures < 10 ? ['0', '1', '2'] : ['0']);
  });
});

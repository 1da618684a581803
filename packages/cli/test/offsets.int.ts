/** `offsets reset` on a real Kafka: a group that retention has overtaken is stuck, and goes on. */
import { type LogError, type LogRecord, type NewRecord, partitionOf } from '@coachloop/event-log';
import { dropBefore, type KafkaLogOptions, openKafkaLog } from '@coachloop/event-log/kafka';
import { type KafkaServer, kafkaOrigin, openKafka } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coachloop, until } from './harness/command.ts';

const origin = await kafkaOrigin();
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const topic = `offsets-${process.pid}`;
const group = `late-${process.pid}`;
/** A key for each of the two partitions. */
const keys = [0, 1].map((partition) => {
  for (let n = 0; ; n += 1) if (partitionOf(`k${n}`, 2) === partition) return `k${n}`;
});
const records = (count: number): NewRecord[] =>
  keys.flatMap((key) => Array.from({ length: count }, () => ({ topic, key, headers: {}, value: Buffer.from('{}') })));

describe.skipIf(!required && origin === undefined)('offsets reset', { timeout: 120_000 }, () => {
  let server: KafkaServer;
  let options: KafkaLogOptions;
  const reset = async (...args: string[]) => {
    const given = ['offsets', 'reset', group, '--topic', topic, ...args];
    return coachloop(given, { env: { KAFKA_BROKERS: server.address } });
  };
  const opened = async <T>(
    work: (log: ReturnType<typeof openKafkaLog>) => Promise<T>,
    onFatal = (_: LogError) => {},
  ) => {
    const log = openKafkaLog({ ...options, onFatal });
    return work(log).finally(() => log.close());
  };

  beforeAll(async () => {
    server = await openKafka();
    options = { brokers: server.address.split(','), clock: { now: () => Date.now() } };
    await opened(async (log) => {
      await log.createTopics([{ name: topic, partitions: 2 }]);
      await log.append(records(10));
      await log.resetOffsets(
        group,
        [0, 1].map((partition) => ({ topic, partition, offset: 2 })),
      );
    });
    await dropBefore(options, [{ topic, partition: 0, offset: 6 }]);
  }, 240_000);
  afterAll(() => server?.stop());

  test('a consumer that retention overtook stops, and its error names the command', async () => {
    const { promise: fatal, resolve } = Promise.withResolvers<LogError>();
    await opened(async (log) => {
      await log.consume({ group, topics: [topic] }, async () => undefined);
      expect(await fatal).toMatchObject({
        code: 'LOG_OFFSET_OUT_OF_RANGE',
        message: expect.stringContaining('coachloop offsets reset'),
      });
      // It is still a member: nobody may move it.
      const refused = await reset('--to', 'first', '--yes');
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('LOG_GROUP_ACTIVE') });
    }, resolve);
  });

  test('it says what would be gone, skipped and repeated, and changes nothing', async () => {
    const first = await reset('--to', 'first');
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/4 records were dropped.*Nothing was changed/s),
    });
    const end = await reset('--to', 'end', '--all', '--json');
    expect(JSON.parse(end.stdout)).toEqual({
      applied: false,
      group,
      topic,
      partitions: [
        { partition: 0, from: 2, to: 10, gone: 4, skipped: 4, repeated: 0 },
        { partition: 1, from: 2, to: 10, gone: 0, skipped: 8, repeated: 0 },
      ],
    });
    const again = await reset('--to', 'first', '--all', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      partitions: [
        { to: 6, gone: 4, repeated: 0 },
        { to: 0, gone: 0, repeated: 2 },
      ],
    });
    expect(await opened((log) => log.committed(group, [topic]))).toMatchObject([{ offset: 2 }, { offset: 2 }]);
  });

  test('it moves what is out of the log alone, and the consumer goes on', async () => {
    const done = await reset('--to', 'first', '--yes');
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`1 places of ${group} in ${topic} were set`),
    });
    const seen: LogRecord[] = [];
    await opened(async (log) => {
      await log.consume({ group, topics: [topic] }, async (batch) => void seen.push(...batch.records));
      await until(async () => seen.length >= 12);
    });
    const offsets = (of: number) => seen.filter(({ partition }) => partition === of).map(({ offset }) => offset);
    expect([offsets(0), offsets(1)]).toEqual([
      [6, 7, 8, 9],
      [2, 3, 4, 5, 6, 7, 8, 9],
    ]);
    expect((await reset('--to', 'first', '--yes')).stderr).toContain('no place');
  });

  test('a group that nobody knows is an error', async () => {
    const env = { KAFKA_BROKERS: server.address };
    const result = await coachloop(['offsets', 'reset', 'qa-scorin', '--topic', topic, '--to', 'first'], { env });
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('GROUP_UNKNOWN') });
  });
});

/** What kafkajs is known to do to its consumers, done to ours by the real library on a real broker. */
import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Consumer, partitionOf } from '../../src/index.ts';
import { Collector, gate, newTopic, numbered, record, uniqueName } from '../conformance/fixtures.ts';
import { brokers, openLog, withFaults } from './fixtures.ts';

const numbers = (to: number) => Array.from({ length: to }, (_, i) => String(i));

describe.skipIf(brokers.length === 0)('a consumer', () => {
  // 1274, 1513, 1721: after a non-retriable error kafkajs crashes with restart: false, and nobody reads any more.
  test('that the library gave up for good is made anew', async () => {
    let thrown = false;
    const { log, rebuilt } = openLog({
      createClient: withFaults({
        consumer: (consumer) => ({
          run: (options) =>
            consumer.run({
              ...options,
              eachBatch: async (payload) => {
                if (!thrown) {
                  thrown = true;
                  throw new kafkajs.KafkaJSNonRetriableError('this is the end');
                }
                await options?.eachBatch?.(payload);
              },
            }),
        }),
      }),
    });
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 5));
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(seen.values()).toEqual(numbers(5)));
    expect(rebuilt()).toContainEqual(expect.stringContaining('it crashed: this is the end'));
  });

  // Pull request 1558: a subscription to a topic that is not there yet never sees it when it comes.
  test('of a topic that is not there is refused, and reads all of it once it is made', async () => {
    const { log } = openLog();
    const topic = uniqueName('late');
    const options = { group: uniqueName('g'), topics: [topic] };
    const seen = new Collector();
    await expect(log.consume(options, seen.handle)).rejects.toMatchObject({ code: 'LOG_TOPIC_UNKNOWN' });
    await log.createTopics([{ name: topic, partitions: 1 }]);
    await log.append(numbered(topic, 'k', 0, 3));
    await log.consume(options, seen.handle);
    await vi.waitFor(() => expect(seen.values()).toEqual(numbers(3)));
  });

  // 1751: a connection without waiting requests looks for them every millisecond, which is a twentieth of a core per log.
  test('that has nothing to do does not ask for timers that are over, and so not for one each millisecond', async () => {
    const asked = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => asked.mockRestore());
    const { log } = openLog();
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 3));
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(seen.values()).toEqual(numbers(3)));
    expect(asked.mock.calls.length).toBeGreaterThan(0);
    expect(asked.mock.calls.filter(([, ms = 0]) => ms < 0)).toEqual([]);
  });

  // A broker that has just taken over a group still reads its offsets: it says so, or that it is not the coordinator.
  test('whose coordinator is still loading waits for it, and does not begin anew', async () => {
    const answers = ['GROUP_LOAD_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE'];
    const { log } = openLog();
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 6));
    const group = uniqueName('g');
    await log.resetOffsets(group, [{ topic, partition: 0, offset: 4 }]);
    const { log: other } = openLog({
      createClient: withFaults({
        cluster: (cluster) => ({
          findGroupCoordinator: (asked) => {
            const type = answers.shift();
            return type === undefined
              ? cluster.findGroupCoordinator(asked)
              : Promise.reject(Object.assign(new Error('not now'), { type }));
          },
        }),
      }),
    });
    expect(await other.committed(group)).toEqual([{ topic, partition: 0, offset: 4 }]);
    expect(answers).toEqual([]);
    answers.push('GROUP_LOAD_IN_PROGRESS', 'GROUP_LOAD_IN_PROGRESS');
    const seen = new Collector();
    await other.consume({ group, topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(seen.values()).toEqual(['4', '5']));
    expect(answers).toEqual([]);
  });

  // 1415, 1647: kafkajs counts failures over messages, never back to zero, and crashes after the fifth.
  test('outlives any number of refusals, of any number of messages', async () => {
    const { log, rebuilt } = openLog();
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 8));
    const failures = new Map<number, number>();
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic], maxBatchRecords: 1 }, async (batch, context) => {
      const offset = batch.records[0]?.offset ?? 0;
      const count = failures.get(offset) ?? 0;
      failures.set(offset, count + 1);
      if (count < 2) throw new Error('not now');
      await seen.handle(batch, context);
    });
    await vi.waitFor(() => expect(seen.values()).toEqual(numbers(8)));
    expect([...failures.values()]).toEqual(numbers(8).map(() => 3));
    expect(rebuilt()).toEqual([]);
  });

  // 1046: kafkajs commits whatever it is told, also for a partition that is another's by now, and Kafka takes it.
  test('that lost a partition does not pull its new owner back', async () => {
    const { log } = openLog();
    const topic = await newTopic(log, 2);
    const group = uniqueName('g');
    const keys = [0, 1].map((partition) => ['a', 'b', 'c', 'd', 'e'].find((key) => partitionIs(key, partition)) ?? '');
    await log.append(keys.flatMap((key) => numbered(topic, key, 0, 6)));
    const mayEnd = gate();
    const late: Promise<void>[] = [];
    const begun = new Set<number>();
    const first = await log.consume({ group, topics: [topic] }, async ({ partition }, context) => {
      begun.add(partition);
      await mayEnd.opened;
      late.push(context.commit(2));
      await Promise.allSettled(late);
    });
    await vi.waitFor(() => expect(begun.size).toBe(2));
    const second = await log.consume({ group, topics: [topic] }, new Collector().handle);
    const held = (consumer: Consumer) => consumer.assignment().map(({ partition }) => partition);
    await vi.waitFor(() => expect([held(first), held(second)].map((list) => list.length)).toEqual([1, 1]));
    const moved = { topic, partition: held(second)[0] ?? -1, offset: 6 };
    await vi.waitFor(async () => expect(await log.committed(group)).toContainEqual(moved));
    mayEnd.open();
    await vi.waitFor(() => expect(late).toHaveLength(2));
    await Promise.all(late);
    expect(await log.committed(group)).toContainEqual(moved);
  });

  // 1456: a partition is fetched no more, without an error, an event or a log line.
  test('whose partition stalls in silence is made anew by the watchdog', async () => {
    let stalled: number | undefined;
    const { log, rebuilt } = openLog({
      timings: { stallCheckMs: 400 },
      createClient: withFaults({
        consumer: (consumer, nth) => ({
          resume: (places) => {
            const isFirst = places.some(({ partitions }) => partitions?.includes(0));
            if (isFirst) stalled ??= nth;
            if (!isFirst || nth !== stalled) consumer.resume(places);
          },
        }),
      }),
    });
    const topic = await newTopic(log, 2);
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
    await log.append(['a', 'b', 'c', 'd', 'e'].map((key) => record(topic, key, key)));
    await vi.waitFor(() => expect(seen.values().sort()).toEqual(['a', 'b', 'c', 'd', 'e']));
    expect(stalled).toBeDefined();
    expect(rebuilt()).toContainEqual(expect.stringContaining(`${topic}/0 stalled at offset 0`));
  });

  test('that stands still as a whole is made anew', async () => {
    const { log, rebuilt } = openLog({
      timings: { silenceMs: 800 },
      createClient: withFaults({
        consumer: (_, nth) => (nth === 0 ? { run: () => new Promise(() => undefined) } : {}),
      }),
    });
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 3));
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(seen.values()).toEqual(numbers(3)));
    expect(rebuilt()).toContainEqual(expect.stringContaining('no sign of life'));
  });

  test('that is told to stop does not fetch the same again and again while its handler finishes', async () => {
    let fetches = 0;
    const { log } = openLog({
      createClient: withFaults({
        consumer: (consumer) => ({
          run: (options) =>
            consumer.run({
              ...options,
              eachBatch: async (payload) => {
                fetches += 1;
                await options?.eachBatch?.(payload);
              },
            }),
        }),
      }),
    });
    const [topic, other] = [await newTopic(log, 1), await newTopic(log, 1)];
    const [begun, mayEnd] = [gate(), gate()];
    onTestFinished(mayEnd.open);
    await log.append(numbered(topic, 'k', 0, 1));
    const consumer = await log.consume({ group: uniqueName('g'), topics: [topic] }, async () => {
      begun.open();
      await mayEnd.opened;
    });
    await begun.opened;
    const stopped = consumer.stop();
    await log.append(numbered(topic, 'k', 1, 2));
    const { log: elsewhere } = openLog();
    const seen = new Collector();
    await elsewhere.consume({ group: uniqueName('g'), topics: [other] }, seen.handle);
    for (let i = 1; i <= 5; i++) {
      await elsewhere.append(numbered(other, 'k', i, i + 1));
      await vi.waitFor(() => expect(seen.values()).toContain(String(i)));
    }
    expect(fetches).toBeLessThan(4);
    mayEnd.open();
    await stopped;
  });

  // 571, 1168: stop and disconnect may wait for ever.
  test('stops within its bound, also when the library does not', async () => {
    const { log, notices } = openLog({
      timings: { stopMs: 300 },
      createClient: withFaults({ consumer: () => ({ disconnect: () => new Promise(() => undefined) }) }),
    });
    const topic = await newTopic(log, 1);
    const seen = new Collector();
    const consumer = await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
    await log.append(numbered(topic, 'k', 0, 1));
    await vi.waitFor(() => expect(seen.values()).toEqual(['0']));
    await consumer.stop();
    expect(notices).toContainEqual({ level: 'warn', message: expect.stringContaining('left behind') });
  });
});

/** By the count of these tests' topics. */
const partitionIs = (key: string, partition: number) => partitionOf(key, 2) === partition;

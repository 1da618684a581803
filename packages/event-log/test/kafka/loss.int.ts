/** kafkajs meets an offset that is not there with a jump elsewhere; here nobody goes on in silence. */
import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type LogError, partitionOf } from '../../src/index.ts';
import { Collector, commitAll, gate, numbered, record, uniqueName } from '../conformance/fixtures.ts';
import { brokers, openLog, withFaults } from './fixtures.ts';

const DAY_MS = 86_400_000;

describe.skipIf(brokers.length === 0)('records that a group had not read', () => {
  const opened = async () => {
    const fatal: LogError[] = [];
    const { log } = openLog({ onFatal: (error) => fatal.push(error), timings: { stallCheckMs: 400 } });
    const topic = uniqueName('topic');
    await log.createTopics([{ name: topic, partitions: 1, retentionMs: DAY_MS }]);
    return { log, topic, fatal, group: uniqueName('g') };
  };
  const gone = (topic: string, first: number) => ({
    code: 'LOG_OFFSET_OUT_OF_RANGE',
    message: expect.stringContaining(`Retention dropped ${topic}/0 up to ${first} before group`),
  });

  test('and that retention dropped while it was away stop the partition, loudly', async () => {
    const { log, topic, fatal, group } = await opened();
    const old = Date.now() - 2 * DAY_MS;
    await log.append(Array.from({ length: 6 }, (_, i) => record(topic, 'k', String(i), old)));
    await log.append(numbered(topic, 'k', 6, 8));
    await log.resetOffsets(group, [{ topic, partition: 0, offset: 3 }]);
    await log.retain(Date.now());
    const seen = new Collector();
    await log.consume({ group, topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(fatal).toMatchObject([gone(topic, 6)]));
    expect(seen.records).toEqual([]);
    expect(await log.healthy()).toBe(false);
    // The library would have committed where it jumps to: the operator has to see where the group was.
    expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: 3 }]);
  });

  test('and that retention drops under its hands do the same', async () => {
    const { log, topic, fatal, group } = await opened();
    const [begun, mayGoOn] = [gate(), gate()];
    const offsets: number[] = [];
    // More than is fetched ahead.
    const old = Date.now() - 2 * DAY_MS;
    const large = 'x'.repeat(300_000);
    for (let i = 0; i < 12; i++) await log.append([record(topic, 'k', large, old)]);
    await log.consume({ group, topics: [topic], maxBatchRecords: 1 }, async (batch, context) => {
      begun.open();
      await mayGoOn.opened;
      offsets.push(...batch.records.map(({ offset }) => offset));
      await commitAll(batch, context);
    });
    await begun.opened;
    await log.retain(Date.now());
    await log.append([record(topic, 'k', 'new')]);
    mayGoOn.open();
    await vi.waitFor(() => expect(fatal).toMatchObject([gone(topic, 12)]));
    expect(offsets).not.toContain(12);
  });

  test('an offset beyond the end of the log stops it too: the topic was made anew, or brokers lost records', async () => {
    const { log, topic, fatal, group } = await opened();
    await log.append(numbered(topic, 'k', 0, 2));
    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '9' }] });
    await admin.disconnect();
    const seen = new Collector();
    await log.consume({ group, topics: [topic] }, seen.handle);
    await vi.waitFor(() =>
      expect(fatal[0]?.message).toContain(`${topic}/0 ends at 2, but group ${group} had read up to 9`),
    );
    expect(seen.records).toEqual([]);
  });

  test('hold up no other partition, neither while the ends of the log are asked for nor afterwards', async () => {
    const fatal: LogError[] = [];
    const mayAnswer = gate();
    let [isHeld, fetches] = [false, 0];
    const { log } = openLog({
      onFatal: (error) => fatal.push(error),
      createClient: withFaults({
        cluster: (cluster) => ({
          fetchTopicsOffset: async (asked) => {
            if (isHeld) await mayAnswer.opened;
            return cluster.fetchTopicsOffset(asked);
          },
        }),
        consumer: (consumer) => ({
          run: (options) =>
            consumer.run({
              ...options,
              eachBatch: async (payload) => {
                if (payload.batch.partition === 0) fetches += 1;
                await options?.eachBatch?.(payload);
              },
            }),
        }),
      }),
    });
    onTestFinished(mayAnswer.open);
    const { log: other } = openLog();
    const topic = uniqueName('topic');
    const [sick, well] = [keyOf(0), keyOf(1)];
    await other.createTopics([{ name: topic, partitions: 2, retentionMs: DAY_MS }]);
    const [old, large] = [Date.now() - 2 * DAY_MS, 'x'.repeat(300_000)];
    for (let i = 0; i < 12; i++) await other.append([record(topic, sick, large, old)]);
    const [begun, mayGoOn] = [gate(), gate()];
    const seen = new Collector();
    await log.consume({ group: uniqueName('g'), topics: [topic], maxBatchRecords: 1 }, async (batch, context) => {
      if (batch.partition === 1) return seen.handle(batch, context);
      begun.open();
      await mayGoOn.opened;
      await commitAll(batch, context);
    });
    await begun.opened;
    await other.retain(Date.now());
    await other.append([record(topic, sick, 'new')]);
    isHeld = true;
    const before = fetches;
    mayGoOn.open();
    await vi.waitFor(() => expect(fetches).toBeGreaterThan(before));
    /** Round by round, each a fetch at least. */
    const goOn = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        const value = uniqueName('v');
        await other.append([record(topic, well, value)]);
        await vi.waitFor(() => expect(seen.values()).toContain(value)); // perhaps twice
      }
    };
    await goOn(8);
    expect(fatal).toEqual([]);
    expect(fetches).toBe(before + 1);
    mayAnswer.open();
    await vi.waitFor(() => expect(fatal).toMatchObject([gone(topic, 12)]));
    const after = fetches;
    await goOn(8);
    expect(fetches).toBe(after);
  });
});

/** A key of one of two partitions. */
const keyOf = (partition: number) => ['a', 'b', 'c', 'd', 'e'].find((key) => partitionOf(key, 2) === partition) ?? '';

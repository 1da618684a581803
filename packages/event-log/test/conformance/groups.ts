import { describe, expect, test, vi } from 'vitest';
import type { Consumer } from '../../src/index.ts';
import type { LogFeatures, OpenLog } from '../conformance.ts';
import { Collector, commitAll, gate, newTopic, numbered, openFor, record, uniqueName } from './fixtures.ts';

export function groups(open: OpenLog, { patienceMs, exclusiveHandover }: LogFeatures): void {
  const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: patienceMs, interval: 5 });
  const held = (consumer: Consumer) => consumer.assignment().map(({ partition }) => partition);

  describe('a group', () => {
    test('reads everything by itself, whatever other groups do', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 3);
      await log.append(numbered(topic, 'k', 0, 5));
      const [one, two] = [new Collector(), new Collector()];
      await log.consume({ group: uniqueName('g'), topics: [topic] }, one.handle);
      await log.consume({ group: uniqueName('g'), topics: [topic] }, two.handle);
      await until(() => expect([one.values(), two.values()]).toEqual([one.values(), ['0', '1', '2', '3', '4']]));
      await until(() => expect(one.values()).toEqual(['0', '1', '2', '3', '4']));
    });

    test('spreads the partitions over its members as they come and go', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 4);
      const options = { group: uniqueName('g'), topics: [topic] };
      const all = [0, 1, 2, 3];
      const first = await log.consume(options, async () => {});
      await until(() => expect(held(first).sort()).toEqual(all));
      const second = await log.consume(options, async () => {});
      await until(() => {
        expect(held(first)).toHaveLength(2);
        expect([...held(first), ...held(second)].sort()).toEqual(all);
      });
      await first.stop();
      await until(() => expect(held(second).sort()).toEqual(all));
    });

    test('gives a partition only to members that want its topic', async () => {
      const { log } = await openFor(open);
      const [a, b] = [await newTopic(log, 2), await newTopic(log, 2)];
      const group = uniqueName('g');
      const onlyA = await log.consume({ group, topics: [a] }, async () => {});
      const onlyB = await log.consume({ group, topics: [b] }, async () => {});
      await until(() => {
        expect(onlyA.assignment()).toEqual([0, 1].map((partition) => ({ topic: a, partition })));
        expect(onlyB.assignment()).toEqual([0, 1].map((partition) => ({ topic: b, partition })));
      });
    });

    test('loses nothing and keeps the order of first deliveries while members come and go', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 6);
      const options = { group: uniqueName('g'), topics: [topic], maxBatchRecords: 5 };
      const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`);
      const seen = new Collector();
      const consumers = [await log.consume(options, seen.handle)];
      for (let round = 0; round < 10; round++) {
        await log.append(keys.flatMap((key) => numbered(topic, key, round * 10, round * 10 + 10)));
        if (round % 3 === 2) await consumers.shift()?.stop();
        else consumers.push(await log.consume(options, seen.handle));
      }
      const expected = Array.from({ length: 100 }, (_, i) => String(i));
      await until(() => {
        for (const key of keys) {
          const ofKey = seen.records.filter((one) => one.key === key);
          const firsts = [...new Map(ofKey.map((one) => [one.offset, one])).values()];
          expect(firsts.map((one) => new TextDecoder().decode(one.value ?? undefined))).toEqual(expected);
        }
      });
    });

    test('aborts the signal of a partition that is taken away', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 2);
      const options = { group: uniqueName('g'), topics: [topic] };
      await log.append(Array.from({ length: 20 }, (_, i) => record(topic, `key-${i}`, 'v')));
      const aborted = new Set<number>();
      const begun = new Set<number>();
      const mayEnd = gate();
      const first = await log.consume(options, async (batch, { signal }) => {
        begun.add(batch.partition);
        signal.addEventListener('abort', () => aborted.add(batch.partition));
        await mayEnd.opened;
      });
      await until(() => expect(begun.size).toBe(2));
      const overlaps: boolean[] = [];
      let released = false;
      const joining = log.consume(options, async (batch, context) => {
        overlaps.push(!released && begun.has(batch.partition));
        await commitAll(batch, context);
      });
      // Kafka's members meet only when all are back, so there everything may be taken away for a moment.
      await until(() => expect(aborted.size).toBeGreaterThanOrEqual(1));
      released = true;
      mayEnd.open();
      const second = await joining;
      await until(() => expect(overlaps.length).toBeGreaterThan(0));
      if (exclusiveHandover) expect(overlaps).not.toContain(true);
      await until(() => expect([held(first), held(second)].map((list) => list.length)).toEqual([1, 1]));
    });

    test('keeps its offsets over closing', async ({ skip }) => {
      const { log, reopen } = await openFor(open);
      if (reopen === undefined) return skip('the data of this adapter dies with the log');
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 5));
      const seen = new Collector();
      await log.consume({ group, topics: [topic] }, seen.handle);
      await until(() => expect(seen.records).toHaveLength(5));
      const again = await reopen();
      expect(await again.committed(group)).toEqual([{ topic, partition: 0, offset: 5 }]);
    });

    test('has its offsets set and deleted only while it does not run', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 5));
      const first = new Collector();
      const consumer = await log.consume({ group, topics: [topic] }, first.handle);
      await until(() => expect(first.records).toHaveLength(5));
      const start = [{ topic, partition: 0, offset: 3 }];
      await expect(log.resetOffsets(group, start)).rejects.toMatchObject({ code: 'LOG_GROUP_ACTIVE' });
      await expect(log.deleteGroup(group)).rejects.toMatchObject({ code: 'LOG_GROUP_ACTIVE' });
      await consumer.stop();
      await log.resetOffsets(group, start);
      expect(await log.committed(group, [topic])).toEqual(start);
      expect(await log.committed(group, ['another'])).toEqual([]);
      const again = new Collector();
      await log.consume({ group, topics: [topic] }, again.handle);
      await until(() => expect(again.values()).toEqual(['3', '4']));
    });

    test('that was deleted begins anew', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 2));
      await log.resetOffsets(group, [{ topic, partition: 0, offset: 2 }]);
      await log.deleteGroup(group);
      expect(await log.committed(group)).toEqual([]);
      const seen = new Collector();
      await log.consume({ group, topics: [topic] }, seen.handle);
      await until(() => expect(seen.values()).toEqual(['0', '1']));
    });

    test('refuses offsets that are not in the log', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      await log.append(numbered(topic, 'k', 0, 2));
      for (const offset of [3, -1, 0.5]) {
        await expect(log.resetOffsets('g', [{ topic, partition: 0, offset }])).rejects.toMatchObject({
          code: 'LOG_OFFSET_OUT_OF_RANGE',
        });
      }
      await expect(log.resetOffsets('g', [{ topic, partition: 1, offset: 0 }])).rejects.toMatchObject({
        code: 'LOG_TOPIC_UNKNOWN',
      });
    });
  });
}

import { describe, expect, test, vi } from 'vitest';
import { type LogRecord, partitionOf } from '../../src/index.ts';
import type { LogFeatures, OpenLog } from '../conformance.ts';
import { Collector, commitAll, gate, newTopic, numbered, openFor, record, uniqueName, valuesOf } from './fixtures.ts';

export function consuming(open: OpenLog, { patienceMs }: LogFeatures): void {
  const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: patienceMs, interval: 5 });

  describe('consume', () => {
    test('delivers what is there and what comes later, each partition in order', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 4);
      const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
      const round = (from: number, to: number) => keys.flatMap((key) => numbered(topic, key, from, to));
      await log.append(round(0, 20));
      const seen = new Collector();
      await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
      await until(() => expect(seen.records).toHaveLength(200));
      await log.append(round(20, 30));
      await until(() => expect(seen.records).toHaveLength(300));
      for (const key of keys) {
        const ofKey = seen.records.filter((one) => one.key === key);
        expect(valuesOf(ofKey)).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
      }
      for (const batch of seen.batches) {
        expect(batch.records.every((one) => one.topic === topic && one.partition === batch.partition)).toBe(true);
        expect(batch.highWatermark).toBeGreaterThan(batch.records.at(-1)?.offset ?? 0);
      }
    });

    test('begins at the end when asked, and stays with that choice', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const options = { group: uniqueName('g'), topics: [topic], from: 'end' } as const;
      await log.append(numbered(topic, 'k', 0, 5));
      const first = await log.consume(options, async () => {});
      await until(() => expect(first.assignment()).toHaveLength(1));
      await first.stop();
      await log.append(numbered(topic, 'k', 5, 8));
      const seen = new Collector();
      await log.consume(options, seen.handle);
      await until(() => expect(seen.values()).toEqual(['5', '6', '7']));
    });

    test('goes on from the commit, not from what was delivered', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 10));
      const first = await log.consume({ group, topics: [topic] }, async ({ records }, context) => {
        expect(records).toHaveLength(10);
        await context.commit(4);
      });
      await vi.waitFor(async () => expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: 4 }]), {
        timeout: patienceMs,
      });
      await first.stop();
      const seen = new Collector();
      await log.consume({ group, topics: [topic], maxBatchRecords: 2 }, seen.handle);
      await until(() => expect(seen.values()).toEqual(['4', '5', '6', '7', '8', '9']));
    });

    test('without a commit goes on within a run, and begins again in the next', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 6));
      for (let run = 0; run < 2; run++) {
        const values: (string | null)[] = [];
        const consumer = await log.consume({ group, topics: [topic], maxBatchRecords: 3 }, async ({ records }) => {
          values.push(...valuesOf(records));
        });
        await until(() => expect(values).toEqual(['0', '1', '2', '3', '4', '5']));
        await consumer.stop();
      }
    });

    test('keeps batches within the bounds, but delivers at least one record', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      await log.append([
        ...numbered(topic, 'k', 0, 20),
        record(topic, 'k', 'x'.repeat(5_000)),
        ...numbered(topic, 'k', 0, 3),
      ]);
      const seen = new Collector();
      await log.consume(
        { group: uniqueName('g'), topics: [topic], maxBatchRecords: 7, maxBatchBytes: 1_000 },
        seen.handle,
      );
      await until(() => expect(seen.records).toHaveLength(24));
      expect(Math.max(...seen.batches.map((batch) => batch.records.length))).toBeLessThanOrEqual(7);
      expect(
        seen.batches.filter((batch) => batch.records.some((one) => (one.value?.length ?? 0) > 1_000)),
      ).toMatchObject([{ records: { length: 1 } }]);
    });

    test('has one batch of a partition in flight, and those of others side by side', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 2);
      const keys = [0, 1].map((partition) => keyOf(partition, 2));
      await log.append(keys.flatMap((key) => numbered(topic, key, 0, 30)));
      const inFlight = new Set<number>();
      const both = gate();
      let overlapped = false;
      const seen: LogRecord[] = [];
      await log.consume({ group: uniqueName('g'), topics: [topic], maxBatchRecords: 10 }, async (batch) => {
        overlapped ||= inFlight.has(batch.partition);
        inFlight.add(batch.partition);
        if (inFlight.size === 2) both.open();
        await both.opened; // would wait for ever if one partition waited for the other
        seen.push(...batch.records);
        inFlight.delete(batch.partition);
      });
      await until(() => expect(seen).toHaveLength(60));
      expect(overlapped).toBe(false);
    });

    test('delivers again from the last commit when the handler rejects, while other partitions go on', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 2);
      const [sick, well] = [keyOf(0, 2), keyOf(1, 2)];
      await log.append([...numbered(topic, sick, 0, 4), ...numbered(topic, well, 0, 4)]);
      const attempts: (string | null)[][] = [];
      const fine = new Collector();
      await log.consume({ group: uniqueName('g'), topics: [topic] }, async (batch, context) => {
        if (batch.partition === 1) return fine.handle(batch, context);
        attempts.push(valuesOf(batch.records));
        if (attempts.length === 1) await context.commit(2);
        if (attempts.length < 3) throw new Error('not now');
        await commitAll(batch, context);
      });
      await until(() => expect(attempts).toHaveLength(3));
      expect(attempts).toEqual([
        ['0', '1', '2', '3'],
        ['2', '3'],
        ['2', '3'],
      ]);
      await until(() => expect(fine.values()).toEqual(['0', '1', '2', '3']));
      await log.append([record(topic, sick, '4')]);
      await until(() => expect(attempts[3]).toEqual(['4']));
    });

    test('pauses and resumes topics', async () => {
      const { log } = await openFor(open);
      const [a, b] = [await newTopic(log, 2), await newTopic(log, 1)];
      const seen = new Collector();
      const consumer = await log.consume({ group: uniqueName('g'), topics: [a, b] }, seen.handle);
      await log.append([record(a, 'k', 'first')]);
      await until(() => expect(seen.values()).toEqual(['first']));
      consumer.pause([a]);
      await log.append([record(a, 'k', 'held')]);
      await log.append([record(b, 'k', 'other')]);
      await until(() => expect(seen.values()).toEqual(['first', 'other']));
      consumer.pause();
      consumer.resume([b]);
      await log.append([record(b, 'k', 'more')]);
      await until(() => expect(seen.values()).toEqual(['first', 'other', 'more']));
      consumer.resume();
      await until(() => expect(seen.values()).toEqual(['first', 'other', 'more', 'held']));
    });

    test('stop aborts the signal, waits for the batch in flight, and delivers nothing after it', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const group = uniqueName('g');
      await log.append(numbered(topic, 'k', 0, 4));
      const [begun, mayEnd] = [gate(), gate()];
      let handled = 0;
      let aborted = false;
      const consumer = await log.consume({ group, topics: [topic], maxBatchRecords: 2 }, async (batch, context) => {
        context.signal.addEventListener('abort', () => {
          aborted = true;
        });
        begun.open();
        await mayEnd.opened;
        await context.heartbeat();
        await commitAll(batch, context);
        handled += batch.records.length;
      });
      await begun.opened;
      const stopped = consumer.stop().then(() => handled);
      await until(() => expect(aborted).toBe(true));
      mayEnd.open();
      expect(await stopped).toBe(2);
      expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: 2 }]);
      expect(consumer.assignment()).toEqual([]);
    });

    test('stop does not wait out the pause before a retry', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      await log.append([record(topic, 'k', 'v')]);
      let attempts = 0;
      const consumer = await log.consume({ group: uniqueName('g'), topics: [topic] }, async () => {
        attempts += 1;
        throw new Error('never');
      });
      await until(() => expect(attempts).toBeGreaterThan(2));
      await consumer.stop();
      const atStop = attempts;
      await log.append([record(topic, 'k', 'v')]);
      expect(attempts).toBe(atStop);
    });

    test('close stops consumers, and lets batches in flight append and commit', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      await log.append([record(topic, 'k', 'v')]);
      const [begun, mayEnd] = [gate(), gate()];
      let outcome: unknown;
      await log.consume({ group: uniqueName('g'), topics: [topic] }, async (batch, context) => {
        begun.open();
        await mayEnd.opened;
        outcome = await log.append([record(topic, 'k', 'derived')]).catch((error: unknown) => error);
        await commitAll(batch, context);
      });
      await begun.opened;
      const closed = log.close();
      mayEnd.open();
      await closed;
      expect(outcome).toEqual([{ topic, partition: 0, offset: 1 }]);
    });
  });
}

/** A key that goes to this partition. */
function keyOf(partition: number, partitions: number): string {
  for (let i = 0; ; i++) if (partitionOf(`key-${i}`, partitions) === partition) return `key-${i}`;
}

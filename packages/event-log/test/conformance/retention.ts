import { describe, expect, test, vi } from 'vitest';
import type { EventLog } from '../../src/index.ts';
import type { LogFeatures, OpenLog } from '../conformance.ts';
import { Collector, openFor, record, scanAll, uniqueName, valuesOf } from './fixtures.ts';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

export function retention(open: OpenLog, { retentionSparesGroups, patienceMs }: LogFeatures): void {
  /** A topic that keeps a day, with ten records: one every quarter of a day, the last one now. */
  const filled = async (log: EventLog): Promise<string> => {
    const name = uniqueName('topic');
    await log.createTopics([{ name, partitions: 1, retentionMs: DAY_MS }]);
    await log.append(
      Array.from({ length: 10 }, (_, i) => record(name, 'k', String(i), NOW_MS - ((9 - i) * DAY_MS) / 4)),
    );
    return name;
  };

  describe('retention', () => {
    test('drops what is older than the topic keeps, and nothing else', async () => {
      const { log, reopen } = await openFor(open);
      const topic = await filled(log);
      const forEver = uniqueName('for-ever');
      await log.createTopics([{ name: forEver, partitions: 1 }]);
      await log.append([record(forEver, 'k', 'ancient', 1)]);
      await log.retain(NOW_MS);
      const check = async (opened: EventLog): Promise<void> => {
        expect(await opened.watermarks([topic])).toEqual([{ topic, partition: 0, first: 5, next: 10 }]);
        expect(valuesOf(await scanAll(opened, { topics: [topic], from: 'start' }))).toEqual(['5', '6', '7', '8', '9']);
        expect(valuesOf(await scanAll(opened, { topics: [forEver], from: 'start' }))).toEqual(['ancient']);
      };
      await check(log);
      if (reopen !== undefined) await check(await reopen());
    });

    test('that drops everything keeps the offsets', async () => {
      const { log, reopen } = await openFor(open);
      const topic = await filled(log);
      await log.retain(NOW_MS + 30 * DAY_MS);
      const opened = reopen === undefined ? log : await reopen();
      expect(await opened.watermarks([topic])).toEqual([{ topic, partition: 0, first: 10, next: 10 }]);
      expect(await opened.append([record(topic, 'k', 'next', NOW_MS)])).toMatchObject([{ offset: 10 }]);
      expect(await opened.offsetsAt([topic], NOW_MS)).toMatchObject([{ offset: 10 }]);
    });

    test('never passes what must stay', async () => {
      const { log } = await openFor(open);
      const topic = await filled(log);
      await log.retain(NOW_MS, [{ topic, partition: 0, offset: 2 }]);
      expect(await log.watermarks([topic])).toMatchObject([{ first: 2 }]);
    });

    test('makes a scan from a dropped position fail, not skip', async () => {
      const { log } = await openFor(open);
      const topic = await filled(log);
      await log.retain(NOW_MS);
      const scan = async () => scanAll(log, { topics: [topic], from: [{ topic, partition: 0, offset: 4 }] });
      await expect(scan()).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE' });
    });

    test('that overtakes a scan makes it fail, not skip', async () => {
      const { log } = await openFor(open);
      const topic = await filled(log);
      const scan = async () => {
        for await (const _ of log.scan({ topics: [topic], from: 'start', maxBatchRecords: 2 }))
          await log.retain(NOW_MS);
      };
      await expect(scan()).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE' });
    });

    test('takes over a changed time to keep', async () => {
      const { log } = await openFor(open);
      const topic = await filled(log);
      await log.createTopics([{ name: topic, partitions: 1, retentionMs: 2 * DAY_MS }]);
      await log.retain(NOW_MS);
      expect(await log.watermarks([topic])).toMatchObject([{ first: 1 }]);
    });

    test('spares what a group has not read yet', async ({ skip }) => {
      if (!retentionSparesGroups) return skip('brokers retain by time alone, whoever has read');
      const { log } = await openFor(open);
      const topic = await filled(log);
      const group = uniqueName('g');
      await log.resetOffsets(group, [{ topic, partition: 0, offset: 3 }]);
      await log.retain(NOW_MS);
      expect(await log.watermarks([topic])).toMatchObject([{ first: 3 }]);
      const seen = new Collector();
      await log.consume({ group, topics: [topic] }, seen.handle);
      await vi.waitFor(() => expect(seen.values()).toEqual(['3', '4', '5', '6', '7', '8', '9']), {
        timeout: patienceMs,
      });
      await log.retain(NOW_MS);
      expect(await log.watermarks([topic])).toMatchObject([{ first: 5 }]);
    });

    test('lets a group that never committed begin at what is left', async () => {
      const { log } = await openFor(open);
      const topic = await filled(log);
      await log.retain(NOW_MS);
      const seen = new Collector();
      await log.consume({ group: uniqueName('g'), topics: [topic] }, seen.handle);
      await vi.waitFor(() => expect(seen.values()).toEqual(['5', '6', '7', '8', '9']), { timeout: patienceMs });
    });
  });
}

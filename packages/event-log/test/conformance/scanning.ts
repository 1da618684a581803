import { describe, expect, test, vi } from 'vitest';
import type { EventLog, ScanOptions } from '../../src/index.ts';
import type { LogFeatures, OpenLog } from '../conformance.ts';
import { newTopic, numbered, openFor, record, scanAll, text, valuesOf } from './fixtures.ts';

export function scanning(open: OpenLog, { patienceMs }: LogFeatures): void {
  const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: patienceMs, interval: 5 });

  describe('scan', () => {
    test('reads every record up to the end that was there at the call, each partition in order', async () => {
      const { log } = await openFor(open);
      const [a, b] = [await newTopic(log, 3), await newTopic(log, 2)];
      const keys = ['x', 'y', 'z'];
      await log.append(keys.flatMap((key) => [...numbered(a, key, 0, 20), ...numbered(b, key, 0, 20)]));
      const values: string[] = [];
      for await (const batch of log.scan({ topics: [a, b], from: 'start', maxBatchRecords: 7 })) {
        expect(batch.length).toBeLessThanOrEqual(7);
        values.push(...batch.map((one) => `${one.topic === a ? 'a' : 'b'} ${one.key} ${text(one.value)}`));
        await log.append([record(a, 'x', 'late')]);
      }
      for (const topic of ['a', 'b']) {
        for (const key of keys) {
          const ofKey = values
            .filter((value) => value.startsWith(`${topic} ${key} `))
            .map((value) => value.split(' ')[2]);
          expect(ofKey).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
        }
      }
    });

    test('begins at positions; partitions that are not named from their start', async () => {
      const { log } = await openFor(open);
      const [a, b] = [await newTopic(log, 1), await newTopic(log, 1)];
      await log.append([...numbered(a, 'k', 0, 5), ...numbered(b, 'k', 0, 2)]);
      const from = [{ topic: a, partition: 0, offset: 3 }];
      const found = await scanAll(log, { topics: [a, b], from });
      expect(valuesOf(found.filter((one) => one.topic === a))).toEqual(['3', '4']);
      expect(valuesOf(found.filter((one) => one.topic === b))).toEqual(['0', '1']);
    });

    test('refuses a position that is not in the log', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const scan = async () => scanAll(log, { topics: [topic], from: [{ topic, partition: 0, offset: 1 }] });
      await expect(scan()).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE' });
    });

    test('begins at a time, where times need not rise', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const times = [1_000, 3_000, 2_000, 4_000, 1_500];
      for (const time of times) await log.append([record(topic, 'k', String(time), time)]);
      const at = async (timeMs: number) => valuesOf(await scanAll(log, { topics: [topic], from: { timeMs } }));
      expect(await at(0)).toHaveLength(5);
      expect(await at(1_001)).toEqual(['3000', '2000', '4000', '1500']);
      expect(await at(3_001)).toEqual(['4000', '1500']);
      expect(await at(4_001)).toEqual([]);
      expect(await log.offsetsAt([topic], 3_000)).toEqual([{ topic, partition: 0, offset: 1 }]);
      expect(await log.offsetsAt([topic], 9_000)).toEqual([{ topic, partition: 0, offset: 5 }]);
    });

    test('follows what is appended until it is aborted', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 2);
      const stop = new AbortController();
      await log.append([record(topic, 'k', 'old')]);
      const following = collect(log, { topics: [topic], from: 'end', follow: true, signal: stop.signal });
      for (let i = 0; i < 20; i++) {
        await log.append([record(topic, 'k', String(i))]);
        if (i % 5 === 0) await until(() => expect(following.values).toHaveLength(i + 1));
      }
      await until(() => expect(following.values).toEqual(Array.from({ length: 20 }, (_, i) => String(i))));
      stop.abort();
      await following.ended;
    });

    test('that follows fails when the log is closed, as it is not whole', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const following = collect(log, { topics: [topic], from: 'start', follow: true });
      await log.append([record(topic, 'k', 'v')]);
      await until(() => expect(following.values).toEqual(['v']));
      await log.close();
      await expect(following.ended).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    });

    test('can be left early', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      await log.append(numbered(topic, 'k', 0, 10));
      for await (const batch of log.scan({ topics: [topic], from: 'start', follow: true, maxBatchRecords: 3 })) {
        expect(valuesOf(batch)).toEqual(['0', '1', '2']);
        break;
      }
    });
  });
}

function collect(log: EventLog, options: ScanOptions): { values: (string | null)[]; ended: Promise<void> } {
  const values: (string | null)[] = [];
  const ended = (async () => {
    for await (const batch of log.scan(options)) values.push(...valuesOf(batch));
  })();
  ended.catch(() => undefined); // awaited later
  return { values, ended };
}

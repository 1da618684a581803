import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogRecord, type NewRecord, partitionOf } from '../../src/index.ts';
import type { OpenLog } from '../conformance.ts';
import { newTopic, openFor, scanAll } from './fixtures.ts';

const wellFormed = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const anyBytes = fc.uint8Array({ maxLength: 300 });
const anyRecord = fc.record({
  key: fc.oneof(fc.constantFrom('a', 'b', 'c'), wellFormed(40)),
  headers: fc.dictionary(fc.oneof(fc.constantFrom('ce_id', 'ce_type', '__proto__', '1'), wellFormed(20)), anyBytes, {
    maxKeys: 6,
  }),
  value: fc.option(anyBytes),
  timestampMs: fc.nat({ max: 4_102_444_800_000 }),
});
const appends = fc.array(fc.array(anyRecord, { maxLength: 30 }), { maxLength: 6 });

export function properties(open: OpenLog): void {
  describe('for any records', () => {
    test('what is read is what was appended: order within partitions, dense offsets, exact bytes', async () => {
      const { log } = await openFor(open);
      await fc.assert(
        fc.asyncProperty(
          appends,
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 9 }),
          async (batches, partitions, maxBatchRecords) => {
            const topic = await newTopic(log, partitions);
            const given = batches.map((batch) => batch.map((one): NewRecord => ({ topic, ...one })));
            const positions = (await Promise.all(given.map((batch) => log.append(batch)))).flat();
            const found = await scanAll(log, { topics: [topic], from: 'start', maxBatchRecords });
            const flat = given.flat();
            expect(found).toHaveLength(flat.length);
            const byPosition = new Map(found.map((one) => [`${one.partition}/${one.offset}`, one]));
            const next = Array.from({ length: partitions }, () => 0);
            flat.forEach((one, i) => {
              const partition = partitionOf(one.key, partitions);
              const offset = next[partition] ?? 0;
              next[partition] = offset + 1;
              expect(positions[i]).toEqual({ topic, partition, offset });
              expect(plain(byPosition.get(`${partition}/${offset}`))).toEqual(
                plain({ ...one, topic, partition, offset }),
              );
            });
            for (let p = 0; p < partitions; p++) {
              const offsets = found.filter((one) => one.partition === p).map((one) => one.offset);
              expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, i) => i));
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    test('a time finds the first record that is not before it', async () => {
      const { log } = await openFor(open);
      const times = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(times, fc.nat({ max: 22 }), fc.integer({ min: 1, max: 5 }), async (given, timeMs, size) => {
          const topic = await newTopic(log, 1);
          for (let i = 0; i < given.length; i += size) {
            const part = given.slice(i, i + size);
            await log.append(part.map((timestampMs) => ({ topic, key: 'k', headers: {}, value: null, timestampMs })));
          }
          const index = given.findIndex((time) => time >= timeMs);
          const offset = index < 0 ? given.length : index;
          expect(await log.offsetsAt([topic], timeMs)).toEqual([{ topic, partition: 0, offset }]);
        }),
        { numRuns: 40 },
      );
    });
  });
}

/** Bytes as arrays and headers as sorted pairs, so that the comparison is about content alone. */
function plain(record: (NewRecord & Pick<LogRecord, 'offset'>) | LogRecord | undefined): unknown {
  if (record === undefined) return undefined;
  const headers = Object.entries(record.headers).map(([name, bytes]) => [name, [...bytes]] as const);
  headers.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...record, headers, value: record.value && [...record.value] };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { murmur2, partitionOf } from '../src/index.ts';

/** The vectors of Kafka's own test, org.apache.kafka.common.utils.UtilsTest.testMurmur2. */
const VECTORS: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('partitions by key', () => {
  test.each(VECTORS)('murmur2 of %s is that of Kafka', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
    expect(partitionOf(key, 2 ** 31 - 1)).toBe((hash & 0x7fffffff) % (2 ** 31 - 1));
  });

  test('any text goes where its UTF-8 bytes go, and always to a partition that exists', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 256 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(partition).toBe((murmur2(Buffer.from(key)) & 0x7fffffff) % partitions);
        expect(partition).toBeLessThan(partitions);
      }),
    );
  });
});

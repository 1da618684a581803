import { expect, test } from 'vitest';
import type { LogError } from '../../src/index.ts';
import { Ranges } from '../../src/kafka/ranges.ts';

test('what is lost is told of once per partition, however often the group meets', () => {
  const lost: LogError[] = [];
  const ranges = new Ranges('g', (error) => lost.push(error));
  const range = (partition: number) => ({ topic: 't', partition, first: 6, next: 9 });
  for (let generation = 0; generation < 3; generation++) {
    expect(ranges.contains(range(0), 3)).toBe(false);
    expect(ranges.contains(range(1), 10)).toBe(false);
    expect(ranges.contains(range(2), 9)).toBe(true);
  }
  expect(lost.map(({ what }) => what)).toEqual([
    'Retention dropped t/0 up to 6 before group g had read from 3',
    't/1 ends at 9, but group g had read up to 10: it was made anew, or brokers lost records',
  ]);
});

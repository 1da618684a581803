import { expect, test } from 'vitest';
import { BenchError } from '../src/errors.ts';
import { optionsOf } from '../src/options.ts';

test('words become options', () => {
  const words = ['--only', 'log,loop', '--runs', '3', '--calls', '1,000', '--quick', '--json', 'x.json'];
  const expected = { only: ['log', 'loop'], runs: 3, calls: 1_000, quick: true, long: false, json: 'x.json' };
  expect(optionsOf(words)).toMatchObject(expected);
  expect(optionsOf([])).toMatchObject({ only: null, runs: null, calls: null, json: null, draw: null, help: false });
});

test('--kafka names other measures and another page', () => {
  const { suite, only } = optionsOf(['--kafka', '--only', 'kafka,stall']);
  expect(only).toEqual(['kafka', 'stall']);
  expect(suite.page).toBe('benchmarks-kafka');
  expect(() => optionsOf(['--kafka', '--only', 'loop'])).toThrow('"loop"');
});

test.each([
  [['--only', 'nonsense'], '"nonsense"'],
  [['--runs', 'many'], '--runs must be a whole number above 0'],
  [['--calls', '0'], '--calls must be a whole number above 0'],
  [['--nonsense'], '--json FILE'],
])('%j is refused in words', (words, message) => {
  expect(() => optionsOf(words)).toThrow(BenchError);
  expect(() => optionsOf(words)).toThrow(message);
});

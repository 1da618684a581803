import { expect, test } from 'vitest';
import { BenchError } from '../src/errors.ts';
import { commandOf, optionsOf } from '../src/options.ts';

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
  expect(() => optionsOf(['--kafka', '--only', 'loop'])).toThrow(
    '"loop" here; there are kafka, mongo, scale, stall. That',
  );
});

test.each([
  [['--only', 'nonsense'], '"nonsense"'],
  [['--runs', 'many'], '--runs must be a whole number above 0'],
  [['--calls', '0'], '--calls must be a whole number above 0'],
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['--draw', 'x.json', '--quick'], '--draw measures nothing, so it does not go with --quick.'],
  [['--draw', 'x.json', '--runs', '2'], '--runs'],
  [['--draw', 'x.json', '--only', 'log'], '--only'],
  [['--into', 'x'], '--into goes with --draw FILE.'],
])('%j is refused in words', (words, message) => {
  expect(() => optionsOf(words)).toThrow(BenchError);
  expect(() => optionsOf(words)).toThrow(message);
});

test('what is left is measured by one command, as the rest was', () => {
  const words = ['--kafka', '--runs', '3', '--calls', '1,000', '--quick', '--json', 'x.json'];
  const left = ['mongo', 'stall'];
  expect(commandOf(left, optionsOf(words))).toBe(
    'npm run bench -- --only mongo,stall --kafka --runs 3 --calls 1000 --quick --json x.json',
  );
  expect(commandOf(['log'], optionsOf([]))).toBe('npm run bench -- --only log');
});

/** Numbers that make no sense are refused by name, with those that do. */
import { expect, test } from 'vitest';
import { NO_LIMITS } from '../src/index.ts';
import { commandOf, commandOfRest, optionsOf, UsageError } from '../src/options.ts';

const refusal = (...words: readonly string[]): string => {
  try {
    optionsOf(words);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  return 'not refused';
};

test.each([
  ['--seeds 0', '--seeds must be a whole number from 1 to 4294967296, not "0".'],
  ['--seeds 1.5', '--seeds must be a whole number from 1 to 4294967296, not "1.5".'],
  ['--seeds=', '--seeds must be a whole number from 1 to 4294967296, not "".'],
  ['--seeds -3', '--seeds must be a whole number from 1 to 4294967296, not "-3".'],
  ['--jobs 0', '--jobs must be a whole number from 1 to 64, not "0".'],
  ['--jobs 100000', '--jobs must be a whole number from 1 to 64, not "100000".'],
  ['--from 9007199254740991', '--from must be a whole number from 0 to 4294966296, not "9007199254740991".'],
  ['--seeds 10 --from 4294967287', '--from must be a whole number from 0 to 4294967286, not "4294967287".'],
  ['--seed 4294967296', '--seed must be a whole number from 0 to 4294967295, not "4294967296".'],
  ['--calls 0', '--calls must be a whole number from 1 to 1000000000, not "0".'],
  ['--seed 3 --mutants', '--seed is for one run, and does not go with --mutants.'],
  ['--seed 3 --seeds 5', '--seed is for one run, and does not go with --seeds.'],
])('%s is refused', (words, message) => {
  expect(refusal(...words.split(' '))).toBe(message);
});

test('the last seeds that there are, and commas, are fine', () => {
  expect(optionsOf(['--seeds', '10', '--from', '4294967286'])).toMatchObject({ seeds: 10, from: 4_294_967_286 });
  expect(optionsOf(['--seeds', '100,000', '--jobs', '2'])).toMatchObject({ seeds: 100_000, jobs: 2, seed: null });
});

test('the command that shows a failure again has the limits that were given', () => {
  const { limits } = optionsOf(['--calls', '3', '--faults', '9', '--without', 'crash,stall']);
  expect(commandOf(17, limits, null)).toBe('npm run simulate -- --seed 17 --without crash,stall --faults 9 --calls 3');
  expect(commandOf(17, NO_LIMITS, 'no-holes')).toBe('npm run simulate -- --seed 17 --mutant no-holes');
  expect(commandOfRest({ seeds: 5, from: 8 }, { ...NO_LIMITS, calls_max: 3 }, null)).toBe(
    'npm run simulate -- --seeds 5 --from 8 --calls 3',
  );
});

test('what follows from faults is none that could be left out', () => {
  expect(refusal('--without', 'document-deleted')).toMatch(/^There is no fault document-deleted; there are store-away/);
});

import { expect, test } from 'vitest';
import { FAULT_KINDS, NO_LIMITS, OBSERVED_KINDS } from '../src/faults.ts';
import { optionsOf } from '../src/options.ts';
import { Tally } from '../src/tally.ts';

const missingWith = (...words: readonly string[]) => new Tally(1, 300).missing(optionsOf(words).limits);

test('where nothing occurred everything is missing', () => {
  expect(new Tally(1, 300).missing(NO_LIMITS)).toEqual([...FAULT_KINDS, ...OBSERVED_KINDS]);
});

test.each([
  ['service-down', 'days-away'],
  ['sleeper', 'sleeper-wrote'],
  ['transition-fails', 'discard'],
])('without %s there is no %s, and nothing else is left out', (cause, effect) => {
  const rest = [...FAULT_KINDS, ...OBSERVED_KINDS].filter((kind) => kind !== cause && kind !== effect);
  expect(missingWith('--without', cause)).toEqual(rest);
});

test.each([['--faults'], ['--calls']])('with %s nothing need occur', (word) => {
  expect(missingWith(word, '1')).toEqual([]);
});

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

test('the verdict says how many seeds failed of those that were run, and which', () => {
  const tally = new Tally(1, 300);
  const told = { calls: 1, events: 1, faults: [], observations: [], rules: [] };
  for (const seed of [3, 1, 2]) tally.add({ ...told, seed, violations: seed === 2 ? [] : ['lost: it'] });
  expect(tally.failed()).toBe(', 2 of 3: 1, 3');
  for (let seed = 10; seed < 40; seed += 1) tally.add({ ...told, seed, violations: ['lost: it'] });
  expect(tally.failed()).toMatch(/^, 32 of 33: 1, 3, 10, .*, 27 and 12 more$/);
});

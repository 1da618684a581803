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

const told = { calls: 1, events: 1, faults: [], observations: [], rules: [] };

test('what is left begins at the first seed that is not done, and ends where the run would', () => {
  const tally = new Tally(101, 50);
  expect(tally.rest).toEqual({ seeds: 50, from: 101 });
  for (const seed of [101, 102, 104]) tally.add({ ...told, seed, violations: [] });
  expect(tally.rest).toEqual({ seeds: 48, from: 103 });
});

test('faults stand in columns, each with its count', () => {
  const tally = new Tally(1, 1);
  tally.add({ ...told, seed: 1, violations: [], faults: [['crash', 7]] });
  const lines = tally.lines();
  const table = lines.slice(lines.indexOf('faults:') + 1, -2);
  expect(table.length).toBeLessThan(FAULT_KINDS.length / 2);
  expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(table.join('\n')).toMatch(/ crash +7\b/);
  expect(
    table
      .join(' ')
      .match(/[a-z-]+(?= +\d)/g)
      ?.toSorted(),
  ).toEqual([...FAULT_KINDS].toSorted());
});

test('the verdict says how many seeds failed of those that were run, and which', () => {
  const tally = new Tally(1, 300);
  for (const seed of [3, 1, 2]) tally.add({ ...told, seed, violations: seed === 2 ? [] : ['lost: it'] });
  expect(tally.failed()).toBe(', 2 of 3: 1, 3');
  for (let seed = 10; seed < 40; seed += 1) tally.add({ ...told, seed, violations: ['lost: it'] });
  expect(tally.failed()).toMatch(/^, 32 of 33: 1, 3, 10, .*, 27 and 12 more$/);
});

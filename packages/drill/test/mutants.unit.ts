import { mutantNamed } from '@coachloop/simulation/mutants';
import { describe, expect, test } from 'vitest';
import { FOUND_ON_KAFKA, findingOf } from '../src/mutants.ts';
import { optionsOf } from '../src/options.ts';

test.each(FOUND_ON_KAFKA)('$mutant is one of the simulation, and has a schedule', ({ mutant, minutes, seed, only }) => {
  expect(mutantNamed(mutant).name).toBe(mutant);
  const words = ['--minutes', String(minutes), '--seed', String(seed), '--only', only];
  const kinds = new Set(optionsOf(words).schedule.map(({ kind }) => String(kind)));
  expect(kinds.size).toBeGreaterThan(0);
  for (const kind of kinds) expect(only).toContain(kind);
});

describe('a mutant is found', () => {
  const broken = { code: 'DRILL_NOT_READY', message: 'It did not come back\nwhat it said' };
  const lost = 'lost: the call X was never completed';

  test('by what the checks found', () => {
    expect(findingOf({ violations: ['load: there were no cases', lost], broken: null })).toEqual({
      isFind: true,
      words: `found: ${lost}`,
    });
  });

  test.each([
    ['where the load was too short', { violations: ['load: there were no cases'], broken: null }, /^NOT FOUND$/],
    [
      'where the drill ended before its checks',
      { violations: [], broken },
      /ended before its checks: It did not come back$/,
    ],
    ['where it could not run', 'There is no Kafka to be had', /did not run: There is no Kafka to be had$/],
  ])('not %s', (_, told, words) => {
    const found = findingOf(told);
    expect(found.isFind).toBe(false);
    expect(found.words).toMatch(words);
  });
});

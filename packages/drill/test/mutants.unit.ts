import { mutantNamed } from '@coachloop/simulation/mutants';
import { describe, expect, test } from 'vitest';
import { FOUND_ON_KAFKA, findingOf, wordsOf } from '../src/mutants.ts';
import { optionsOf } from '../src/options.ts';
import { type Fault, placeOf } from '../src/schedule.ts';

test.each(FOUND_ON_KAFKA)('$mutant is one of the simulation, and what it needs is in its schedule', (bait) => {
  expect(mutantNamed(bait.mutant).name).toBe(bait.mutant);
  const { schedule, rate, agents } = optionsOf(wordsOf(bait));
  expect(rate).toBe(bait.rate);
  if (bait.agents !== undefined) expect(agents).toBe(bait.agents);
  const namesOf = (fault: Fault) => {
    if (!('service' in fault)) return [fault.kind];
    const ofService = [fault.kind, `${fault.kind}:${fault.service}`];
    if (!('point' in fault)) return ofService;
    return [...ofService, `${fault.kind}:${fault.service}/${fault.point}`, `${fault.kind}:${placeOf(fault)}`];
  };
  const names = new Set(schedule.flatMap(namesOf));
  for (const named of bait.only.split(',')) expect(names).toContain(named);
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

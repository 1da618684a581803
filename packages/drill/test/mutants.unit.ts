import { mutantNamed } from '@coachloop/simulation/mutants';
import { expect, test } from 'vitest';
import { FOUND_ON_KAFKA } from '../src/mutants.ts';

test('every mutant of the drill is one of the simulation', () => {
  expect(FOUND_ON_KAFKA.map(({ mutant }) => mutantNamed(mutant).name)).toHaveLength(FOUND_ON_KAFKA.length);
});

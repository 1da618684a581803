/**
 * Seeds that failed once, or that meet what failed once. What a seed meets changes with the code: the unit test of each defect stands
 * where the defect was, and the mutants of the same names see to it that it would be found again.
 */
import { expect, test } from 'vitest';
import { run } from '../src/index.ts';

test.each([
  [11, 'a replayed dead letter was open again, as the word of its parking came late (runtime, letters.unit.ts)'],
  [2, 'an older revision of a call was counted for its customer after the newer one (live-metrics, customer.unit.ts)'],
  [1002, 'a replayed dead letter was open again; found under another load'],
  [
    338,
    'the only process of a service was told to stop, its successor slept, and nobody started another: simulation alone',
  ],
  [
    410,
    'the word of a letter was parked, and the word of that, and the operator gave up after three replays: simulation alone',
  ],
  [1128, 'a service with a wrong clock refused events over HTTP, and the client of the simulation gave up'],
])('seed %d: %s', { timeout: 120_000 }, async (seed) => {
  expect((await run(seed)).violations).toEqual([]);
});

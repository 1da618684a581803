/** Seeds that failed once. What they meet changes with the code; the unit test of the defect itself stands where the defect was. */
import { expect, test } from 'vitest';
import { run } from '../src/index.ts';

test.each([
  [
    1002,
    'a replayed dead letter was open again, as the word of its parking came late (packages/runtime/test/letters.unit.ts)',
  ],
  [1128, 'a service with a wrong clock refused events over HTTP, and the client of the simulation gave up'],
])('seed %d: %s', { timeout: 120_000 }, async (seed) => {
  expect((await run(seed)).violations).toEqual([]);
});

/** The same seed is the same run; so a failure can be seen again, and made smaller. */
import { expect, test } from 'vitest';
import { NO_LIMITS, run } from '../src/index.ts';

test('a seed gives the same faults in the same order each time', async () => {
  const limits = { ...NO_LIMITS, calls_max: 20 };
  const [first, second] = [await run(7, limits), await run(7, limits)];
  expect(first.trace.length).toBeGreaterThan(20);
  expect(second.trace).toEqual(first.trace);
  expect(second.steps).toBe(first.steps);
});

test('without faults everything holds too, and nothing is said twice by a service that has one process', async () => {
  for (const seed of [7, 8, 9]) {
    const { violations, events, distinct } = await run(seed, {
      ...NO_LIMITS,
      faults_max: 0,
      calls_max: 20,
      processes_max: 1,
    });
    expect(violations).toEqual([]);
    expect(events).toBeGreaterThan(0);
    expect(events).toBe(distinct);
  }
  // Of several, each publishes what it does not know to be in the log.
  const { events, distinct } = await run(7, { ...NO_LIMITS, faults_max: 0, calls_max: 20 });
  expect(events).toBeGreaterThan(distinct);
});

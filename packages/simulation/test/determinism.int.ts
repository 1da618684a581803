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

test('without faults everything holds too, and next to nothing is said twice by a service that has one process', async () => {
  const all = { events: 0, distinct: 0 };
  for (let seed = 7; seed <= 14; seed += 1) {
    const { violations, events, distinct } = await run(seed, {
      ...NO_LIMITS,
      faults_max: 0,
      calls_max: 20,
      processes_max: 1,
    });
    expect(violations).toEqual([]);
    expect(events).toBeGreaterThan(0);
    all.events += events;
    all.distinct += distinct;
  }
  // A sweep may meet what is still on its way to the log; sweeps are far more eager here than in a real process.
  expect(all.events - all.distinct).toBeLessThan(all.events / 100);
  // Of several, each publishes what it does not know to be in the log.
  const { events, distinct } = await run(7, { ...NO_LIMITS, faults_max: 0, calls_max: 20 });
  expect(events).toBeGreaterThan(distinct);
});

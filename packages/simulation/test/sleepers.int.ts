/** Who slept while everybody else finished goes on with what it had in hand: else nothing would be shown by its waking. */
import { expect, test } from 'vitest';
import { run } from '../src/index.ts';

test('sleepers that wake write to the store and to the log, and services are away while days pass', async () => {
  const sums = { sleeper: 0, 'sleeper-wrote': 0, 'service-down': 0, 'days-away': 0 };
  const seen = new Set<string>();
  // One in four that wake has something in hand: a save in one of ten, about.
  for (let seed = 145; seed <= 184; seed += 1) {
    const { faults, observations, trace, violations } = await run(seed);
    expect(violations).toEqual([]);
    for (const kind of ['sleeper', 'service-down'] as const) sums[kind] += faults.get(kind) ?? 0;
    for (const kind of ['sleeper-wrote', 'days-away'] as const) sums[kind] += observations.get(kind) ?? 0;
    for (const line of trace) seen.add(/ sleeper-wrote \S+ (save|append) /.exec(line)?.[1] ?? '');
  }
  expect(sums.sleeper).toBeGreaterThan(0);
  expect(sums['sleeper-wrote']).toBeGreaterThan(0);
  expect(sums['sleeper-wrote']).toBeLessThanOrEqual(sums.sleeper);
  expect([...seen].toSorted()).toEqual(['', 'append', 'save']);
  expect(sums['service-down']).toBeGreaterThan(0);
  expect(sums['days-away']).toBe(sums['service-down']);
});

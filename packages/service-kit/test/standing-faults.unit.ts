import { LogError } from '@coachloop/event-log';
import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { StandingFaults } from '../src/standing-faults.ts';

const denied = (group: string) => new LogError('LOG_ACCESS_DENIED', `${group} may not be read`);

test('a fault is said once, until it is another one or has passed; an outage is told by others', () => {
  let wallMs = 1_000;
  const said: string[] = [];
  const faults = new StandingFaults({ ...systemClock, wall: () => wallMs }, (what, error) =>
    said.push(`${what} ${error}`),
  );
  faults.note('a', denied('g'));
  wallMs = 2_000;
  faults.note('a', denied('g'));
  expect(said).toEqual([expect.stringContaining('a LOG_ACCESS_DENIED: g may not be read')]);
  faults.note('a', denied('h'));
  expect(faults.of('a')).toEqual({ error: expect.stringContaining('h may not be read'), sinceMs: 1_000 });
  faults.note('b', new LogError('LOG_UNAVAILABLE', 'The brokers are away'));
  expect(faults.of('b')).toBeUndefined();
  expect(said).toHaveLength(2);
  faults.passed('a');
  faults.note('a', denied('h'));
  expect(said).toHaveLength(3);
  expect(faults.of('a')?.sinceMs).toBe(2_000);
});

test('what is guarded goes on after a fault, and clears it when it goes well', async () => {
  const faults = new StandingFaults(systemClock, () => undefined);
  await faults.guard('a', () => Promise.reject(new Error('no')));
  expect(faults.of('a')?.error).toBe('no');
  await faults.guard('a', () => Promise.resolve());
  expect(faults.of('a')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { clockEnv, PASSED_MS } from '../src/clock.ts';
import { AHEAD_MS_MAX, Hours } from '../src/distributed/hours.ts';
import { OFFSET_MS_MAX } from '../src/distributed/schedule.ts';
import { DAY_MS, HOUR_MS } from '../src/site.ts';

const MAY_BE_SET_MS = 7 * DAY_MS;

test('clocks of a service are moved together, what one of them is wrong by comes on top, and both have a bound', () => {
  const hours = new Hours();
  hours.forward('evaluation', 8 * HOUR_MS);
  expect(hours.clockOf('evaluation', -HOUR_MS)).toEqual({ offsetMs: 7 * HOUR_MS, isFlying: false });
  expect(hours.clockOf('notification', HOUR_MS)).toEqual({ offsetMs: HOUR_MS, isFlying: false });
  for (let more = 0; more < 30; more += 1) hours.forward('evaluation', 14 * HOUR_MS);
  expect(hours.clockOf('evaluation', 0).offsetMs).toBe(AHEAD_MS_MAX);
  expect(AHEAD_MS_MAX + PASSED_MS + OFFSET_MS_MAX).toBeLessThan(MAY_BE_SET_MS);
});

test('when time passes nothing is added for a clock that was wrong, and it is later than any time that was shown', () => {
  const hours = new Hours();
  hours.forward('evaluation', 8 * HOUR_MS);
  hours.fly('evaluation');
  const clock = hours.clockOf('evaluation', HOUR_MS);
  expect(clock).toEqual({ offsetMs: 8 * HOUR_MS + PASSED_MS, isFlying: true });
  const { COACHLOOP_CLOCK_OFFSET_MS, COACHLOOP_CLOCK_SPEED, COACHLOOP_CLOCK_START = '' } = clockEnv(clock);
  expect([COACHLOOP_CLOCK_OFFSET_MS, COACHLOOP_CLOCK_SPEED]).toEqual([String(clock.offsetMs), '3600']);
  expect(Date.parse(COACHLOOP_CLOCK_START) - clock.offsetMs).toBeCloseTo(Date.now(), -4);
});

test('a clock that is right is not spoken of', () => {
  expect(clockEnv({ offsetMs: 0, isFlying: false })).toEqual({});
});

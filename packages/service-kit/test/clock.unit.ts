import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pacedClock } from '../src/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Lets the wall's clock run, allowing the other one to go on all the while. */
function run(clock: ReturnType<typeof pacedClock>, ms: number, allowed = true): void {
  for (let at = 0; at < ms; at += 50) {
    if (allowed) clock.allow();
    vi.advanceTimersByTime(50);
  }
}

test('given that it may go on, it runs as fast as it should', () => {
  const clock = pacedClock(1_000_000, 100);
  run(clock, 10_000);
  expect(clock.now()).toBe(1_000_000 + 10_000 * 100);
  expect(clock.pace()).toBeCloseTo(100);
});

test('given that nobody lets it go on, it stands still, and says so; then it goes on from there', () => {
  const clock = pacedClock(0, 100);
  run(clock, 5_000);
  run(clock, 60_000, false);
  const stood = clock.now();
  expect(stood).toBeLessThanOrEqual(5_000 * 100 + 25_000);
  expect(clock.pace()).toBeLessThan(10);
  run(clock, 1_000);
  expect(clock.now() - stood).toBe(1_000 * 100);
});

test('it never goes back', () => {
  const clock = pacedClock(0, 7);
  let before = clock.now();
  for (let i = 0; i < 500; i += 1) {
    if (i % 3 === 0) clock.allow();
    vi.advanceTimersByTime(i % 90);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    before = clock.now();
  }
  expect(before).toBeGreaterThan(0);
});

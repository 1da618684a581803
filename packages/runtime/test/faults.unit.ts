import { expect, test } from 'vitest';
import { faultsFrom } from '../src/index.ts';

const CAUSES = Array.from({ length: 2_000 }, (_, i) => `event-${i}`);
const failing = (percent: string) => CAUSES.filter(faultsFrom({ COACHLOOP_FAILING_PERCENT: percent }).fails);

test('so many of 100 messages fail, always the same ones, and more of them include fewer', () => {
  const some = failing('20');
  expect(some.length / CAUSES.length).toBeCloseTo(0.2, 1);
  expect(failing('20')).toEqual(some);
  expect(new Set(failing('40')).isSupersetOf(new Set(some))).toBe(true);
  expect(failing('100')).toEqual(CAUSES);
});

test('without it none fails, with a crash point or not', () => {
  expect(CAUSES.some(faultsFrom({}).fails)).toBe(false);
  expect(CAUSES.some(faultsFrom({ COACHLOOP_CRASH_AT: 'saved:3' }).fails)).toBe(false);
});

test('a crash point does not switch it off', () => {
  const { fails } = faultsFrom({ COACHLOOP_CRASH_AT: 'saved:3', COACHLOOP_FAILING_PERCENT: '100' });
  expect(CAUSES.every(fails)).toBe(true);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bytesOf, sizeGate } from '../src/demo/size.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coachloop-size-'));
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test('given a folder that reaches its bound, the gate closes, for good, and says so once', () => {
  writeFileSync(join(folder, 'log'), 'x'.repeat(600));
  let told = 0;
  const gate = sizeGate(folder, () => (told += 1), 1_000);
  expect(gate()).toBe(true);
  writeFileSync(join(folder, 'store'), 'x'.repeat(600));
  expect(bytesOf(folder)).toBe(1_200);
  vi.advanceTimersByTime(6_000);
  expect([gate(), gate()]).toEqual([false, false]);
  rmSync(join(folder, 'store'));
  vi.advanceTimersByTime(6_000);
  expect(gate()).toBe(false);
  expect(told).toBe(1);
});

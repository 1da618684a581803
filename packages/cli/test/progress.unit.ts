import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from '../src/output.ts';

let said: string[] = [];
beforeEach(() => {
  said = [];
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(60_000);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text).trim()) > 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a speed is that of this run, once it has worked for a second', () => {
  const progress = new Progress('records');
  progress.update(50_000, 100_000, 'call-events');
  vi.advanceTimersByTime(10_000);
  progress.update(60_000, 100_000, 'call-events');
  expect(said).toEqual([
    'records: 50000 of 100000 (50 %), call-events',
    'records: 60000 of 100000 (60 %), 1000/s, call-events',
  ]);
});

test('what is over within a second has none', () => {
  const progress = new Progress('verify', 'events and documents');
  progress.update(0, null, 'documents');
  vi.advanceTimersByTime(999);
  progress.end(70, null);
  expect(said).toEqual(['verify: 0 events and documents, documents', 'verify: 70 events and documents']);
});

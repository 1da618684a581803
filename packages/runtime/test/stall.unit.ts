import { setTimeout } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { Stall } from '../src/stall.ts';

const { signal } = new AbortController();
let nowMs: number;
let said: string[];
let stall: Stall;
beforeEach(() => {
  nowMs = 1_000;
  said = [];
  stall = new Stall(
    { now: () => nowMs, wall: () => nowMs, sleep: () => setTimeout(1) },
    (what) => said.push(what),
    (stalledMs) => said.push(`over after ${stalledMs}`),
  );
});

/** Fails until the time has come. */
const away = (what: string, untilMs: number) =>
  stall.untilDone(what, signal, async () => {
    if (nowMs < untilMs) throw new Error('away');
  });

test('an outage is told once for each that waits, and its end once for all of them', async () => {
  const all = Promise.all([away('publish', 3_000), away('commit', 5_000)]);
  await setTimeout(5);
  nowMs = 3_000;
  await setTimeout(20);
  expect(said).toEqual(['publish', 'commit']);
  nowMs = 5_000;
  await all;
  expect(said).toEqual(['publish', 'commit', 'over after 4000']);
  expect(stall.stalledMs).toBe(0);
});

test('what never waited has no end, nor has what is told to stop', async () => {
  await away('publish', 0);
  const stopping = new AbortController();
  const stopped = stall.untilDone('commit', stopping.signal, async () => {
    throw new Error('away');
  });
  stopping.abort();
  await stopped;
  expect(said).toEqual(['commit']);
});

/** Clocks: the system's, and one that runs faster for demonstrations. */
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '@coachloop/runtime';

const sleep = async (realMs: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted) return;
  await setTimeout(realMs, undefined, signal ? { signal } : {}).catch(() => undefined);
};

export const systemClock: Clock = { now: () => Date.now(), wall: () => Date.now(), sleep };

/** Domain time that starts at `startMs` and runs `factor` times as fast as the wall clock; waiting stays in real time. */
export function acceleratedClock(startMs: number, factor: number): Clock {
  const origin = performance.now();
  return { now: () => Math.round(startMs + (performance.now() - origin) * factor), wall: () => Date.now(), sleep };
}

/** Clocks: the system's, and one that runs faster for demonstrations. */
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '@coachloop/runtime';

const sleep = async (realMs: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted) return;
  await setTimeout(realMs, undefined, signal ? { signal } : {}).catch(() => undefined);
};

export const systemClock: Clock = { now: () => Date.now(), wall: () => Date.now(), sleep };

export interface ClockOptions {
  /** Ms by which the machine's clock is taken to be wrong. */
  readonly offsetMs: number;
  /** From `startMs` on, domain time runs so many times as fast. */
  readonly speed: number;
  readonly startMs: number;
}

/** A pure function of the machine's clock, so that processes that are told the same show the same time. */
export function clockBy({ offsetMs, speed, startMs }: ClockOptions): Clock {
  const wall = () => Date.now() + offsetMs;
  const now = () => {
    const ms = wall();
    return ms <= startMs ? ms : Math.round(startMs + (ms - startMs) * speed);
  };
  return { now, wall, sleep };
}

/** Domain time that runs fast, and stands still whenever nobody lets it go on. */
export interface PacedClock extends Clock {
  /** How many times as fast as the wall clock it should run. */
  readonly speed: number;
  /** How fast it really ran in the last seconds; less than `speed` where the platform could not follow. */
  pace(): number;
  /** It may go on for `PATIENCE_MS` of wall-clock time from now. */
  allow(): void;
}

const PATIENCE_MS = 250;
const PACE_OVER_MS = 2_000;

/** Starts at `startMs` and waits for the first `allow`; waiting (`sleep`) stays in real time. */
export function pacedClock(startMs: number, speed: number): PacedClock {
  let [atMs, sinceMs] = [startMs, performance.now()];
  let limitMs = startMs;
  let mark = { atMs, sinceMs };
  let pace = speed;
  const now = (): number => {
    const realMs = performance.now();
    atMs = Math.min(limitMs, atMs + (realMs - sinceMs) * speed);
    sinceMs = realMs;
    return Math.round(atMs);
  };
  return {
    now,
    wall: () => Date.now(),
    sleep,
    speed,
    pace: () => {
      const overMs = performance.now() - mark.sinceMs;
      return overMs > 2 * PACE_OVER_MS ? (now() - mark.atMs) / overMs : pace; // it stands still
    },
    allow: () => {
      const domainMs = now();
      limitMs = Math.max(limitMs, domainMs + PATIENCE_MS * speed);
      if (sinceMs - mark.sinceMs < PACE_OVER_MS) return;
      pace = (domainMs - mark.atMs) / (sinceMs - mark.sinceMs);
      mark = { atMs: domainMs, sinceMs };
    },
  };
}

/**
 * The demo's clock runs fast, but never faster than the platform follows: while services are behind it stands still, so that
 * what the page shows is complete. After a restart it goes on where it stood: time never goes back, and downtime is no time.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PacedClock, pacedClock } from '@coachloop/service-kit';

const SAVE_EVERY_MS = 1_000;
const TICK_MS = 50;

/** Whether the clock may go on. */
export type Gate = () => boolean;

/** Where its clock stands, in the data folder. */
export const DEMO_FILE = 'demo.json';

export interface DemoClock extends PacedClock {
  /** How often the demo was started on this folder, from 1. */
  readonly run: number;
  readonly startMs: number;
  /** Starts to run, and writes down where it stands: only for whoever holds the folder's lock. */
  start(gate: Gate): void;
  /** One more condition. */
  also(gate: Gate): void;
  stop(): void;
}

export function openDemoClock(directory: string, speed: number): DemoClock {
  const file = join(directory, DEMO_FILE);
  const saved = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { run: number; nowMs: number })
    : { run: 0, nowMs: 0 };
  // Killed between two saves, it may have been further: skip what it can have run since.
  const startMs = Math.max(Date.now(), saved.nowMs + 2 * SAVE_EVERY_MS * speed);
  const clock = pacedClock(startMs, speed);
  const run = saved.run + 1;
  const gates: Gate[] = [];
  const timers: NodeJS.Timeout[] = [];
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify({ run, nowMs: clock.now(), speed }));
    renameSync(`${file}.new`, file);
  };
  const start = (gate: Gate) => {
    gates.push(gate);
    save();
    const tick = () => gates.every((each) => each()) && clock.allow();
    timers.push(setInterval(tick, TICK_MS), setInterval(save, SAVE_EVERY_MS));
    for (const timer of timers) timer.unref();
  };
  const stop = () => {
    if (timers.length === 0) return;
    for (const timer of timers.splice(0)) clearInterval(timer);
    save();
  };
  return { ...clock, run, startMs, start, also: (gate) => void gates.push(gate), stop };
}

/** The demo's clock runs fast, and goes on after a restart where it stood: time never goes back, and downtime is no time. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@coachloop/runtime';
import { acceleratedClock } from '@coachloop/service-kit';

const SAVE_EVERY_MS = 1_000;

export interface DemoClock extends Clock {
  readonly speed: number;
  /** How often the demo was started on this folder, from 1. */
  readonly run: number;
  readonly startMs: number;
  /** Writes down from now on where it stands: only for whoever holds the folder's lock. */
  keep(): void;
  stop(): void;
}

export function openDemoClock(directory: string, speed: number): DemoClock {
  const file = join(directory, 'demo.json');
  const saved = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { run: number; nowMs: number })
    : { run: 0, nowMs: 0 };
  // Killed between two saves, it may have been further: skip what it can have run since.
  const startMs = Math.max(Date.now(), saved.nowMs + 2 * SAVE_EVERY_MS * speed);
  const clock = acceleratedClock(startMs, speed);
  const run = saved.run + 1;
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify({ run, nowMs: clock.now(), speed }));
    renameSync(`${file}.new`, file);
  };
  let timer: NodeJS.Timeout | undefined;
  const keep = () => {
    save();
    timer = setInterval(save, SAVE_EVERY_MS);
    timer.unref();
  };
  const stop = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    save();
  };
  return { ...clock, speed, run, startMs, keep, stop };
}

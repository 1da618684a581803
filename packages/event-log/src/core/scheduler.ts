import { setImmediate, setTimeout } from 'node:timers/promises';

/** Domain time, ms since the epoch; may run faster than the wall clock. It dates records and times nothing. */
export interface Clock {
  now(): number;
}

/** How consumers wait. A simulation hands in its own; nothing else in the log uses a timer. */
export interface Scheduler {
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Lets other work run between two batches. */
  yield(): Promise<void>;
}

export const systemScheduler: Scheduler = {
  async sleep(ms, signal) {
    await setTimeout(ms, undefined, { signal }).catch(() => undefined);
  },
  async yield() {
    await setImmediate();
  },
};

/** For the tests of services: a clock that the test moves, and on which nobody waits long. */
import type { Clock } from './definition.ts';

export class TestClock implements Clock {
  /** Domain time, ms. */
  time: number;
  /** Nobody waits longer than this, wall-clock ms; a test in which a bound of the real clock matters lifts it. */
  sleepMsMax = 5;

  constructor(time: number) {
    this.time = time;
  }
  now(): number {
    return this.time;
  }
  wall(): number {
    return Date.now();
  }
  sleep(realMs: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(realMs, this.sleepMsMax));
    signal?.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => clearTimeout(timer));
  }
}

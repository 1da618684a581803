/**
 * Switches to try the kernel with, for tests, for an operator's drill, and for whoever wants to see what their own handler
 * does: crash at a named point, handle each message twice, fail at a share of the messages.
 */
import { hash } from 'node:crypto';

/** `spilled`: what leaves an inbox is written, and the documents are not yet; only a batch with such entries passes it. */
export const CRASH_POINTS = ['loaded', 'spilled', 'saved', 'published', 'committed'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export interface Faults {
  /** Called when a batch passes a point; a test may throw or wait here, a drill kills the process. */
  reached(point: CrashPoint, service: string): void | Promise<void>;
  /** How often each message is handled; 2 shows what a redelivery does. */
  readonly deliveries: number;
  /** True: this attempt of this message fails. */
  fails(cause: string): boolean;
}

export const NO_FAULTS: Faults = { reached: () => undefined, deliveries: 1, fails: () => false };

/**
 * From the environment: `COACHLOOP_CRASH_AT=saved:17` or `qa-scoring/saved:17` kills the process (SIGKILL, nothing is flushed)
 * when the point is passed for the 17th time, by that service or a generation of it (`live-metrics.g1`); `COACHLOOP_DELIVERIES=2` handles every message twice.
 * `COACHLOOP_FAILING_PERCENT=20`: one message in five cannot be handled, however often it comes; which ones follows from their ids.
 */
export function faultsFrom(env: Readonly<Record<string, string | undefined>>): Faults {
  const armed = /^(?:([a-z-]+)\/)?([a-z]+):(\d+)$/.exec(env.COACHLOOP_CRASH_AT ?? '');
  const deliveries = Math.max(1, Math.min(5, Number(env.COACHLOOP_DELIVERIES ?? 1) || 1));
  if (env.COACHLOOP_CRASH_AT && !(armed && CRASH_POINTS.includes(armed[2] as CrashPoint)))
    throw new Error(
      `COACHLOOP_CRASH_AT must be [service/]point:count with one of ${CRASH_POINTS.join(', ')}; it is ${env.COACHLOOP_CRASH_AT}`,
    );
  const fails = failingAt(Number(env.COACHLOOP_FAILING_PERCENT ?? 0) || 0);
  if (!armed) return { ...NO_FAULTS, deliveries, fails };
  let left = Number(armed[3]);
  return {
    deliveries,
    fails,
    reached: (point, service) => {
      const [name] = service.split('.');
      if (point !== armed[2] || (armed[1] !== undefined && armed[1] !== name)) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}

function failingAt(percent: number): Faults['fails'] {
  if (percent <= 0) return NO_FAULTS.fails;
  return (cause) => hash('sha1', cause, 'buffer').readUInt32LE() % 100 < percent;
}

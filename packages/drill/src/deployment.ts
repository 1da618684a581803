/**
 * What the drill needs of whatever it torments. Load, schedule and checks know nothing else of it; so one process on SQLite and many on
 * Kafka are tormented by the same load and judged by the same checks.
 */
import type { LogRecord } from '@coachloop/event-log';
import type { Fault, Place } from './schedule.ts';

/** What became of a fault. `notRun`: it could not be made here, and why. */
export interface Survived {
  readonly fault: Fault;
  /** From the moment it happened until everything was ready again, ms; null: it did not happen. */
  readonly recoveredMs: number | null;
  readonly note?: string;
  readonly notRun?: string;
}

/** The note of a crash whose point was not passed so often in time: it became a kill at a random moment. */
export const NOT_PASSED = 'not passed so often: killed';

export interface Deployment {
  /** Where a crash can be armed. */
  readonly places: readonly Place[];
  /** Where its HTTP API answers; the same after each fault. */
  readonly url: string;
  /** The folder of its data, to be looked at after a failure. */
  readonly directory: string;
  /** Resolves when ready. `next`: the fault to come, for what has to be armed beforehand. */
  start(next: Fault | null): Promise<void>;
  /** Makes it happen (or waits until it has), and everything ready again. @throws DrillError when that fails. */
  inflict(fault: Fault, next: Fault | null): Promise<Survived>;
  /** An orderly end. @throws DrillError when it is none. */
  stop(): Promise<void>;
  /** After `stop`: every record of every topic as it is, repetitions included, in the order of each partition. */
  records(): AsyncIterable<readonly LogRecord[]>;
  /** What the product itself says of its books; null: nothing is wrong. */
  verify(): Promise<string | null>;
  /** Whatever is left of processes and mounts goes; a folder that is `kept` can be looked at afterwards. */
  discard(keep: boolean): Promise<void>;
}

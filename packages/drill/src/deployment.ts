/**
 * What the drill needs of whatever it torments. Load, schedule and checks know nothing else of it; so one process on SQLite and many on
 * Kafka are tormented by the same load and judged by the same checks.
 */
import type { ServiceName } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import type { Fault } from './schedule.ts';

/** What became of a fault. `notRun`: it could not be made here, and why. */
export interface Survived {
  readonly fault: Fault;
  /** From the moment it happened until everything was ready again, ms; null: it did not happen. */
  readonly recoveredMs: number | null;
  readonly note?: string;
  /** How many records are read once more. */
  readonly again?: number;
  readonly moved?: Moved;
  readonly notRun?: string;
}

/** The clocks of a service were moved while none of its processes ran. */
export interface Moved {
  readonly service: ServiceName;
  /** Nobody who was started before ever showed a later time, ms. */
  readonly beforeMs: number;
  /** Of each partition of `qa-events`, where it ended before anybody was started again; null: that could not be asked. */
  readonly ends: ReadonlyMap<number, number> | null;
}

/** The note of a crash whose point was not passed so often in time: it became a kill at a random moment. */
export const NOT_PASSED = 'not passed so often: killed';

/** The same of one that was to be frozen at a point. */
export const FROZEN_ANYWHERE = 'not passed so often: frozen';

/** A record as a stranger writes it to the topic of calls. */
export interface StrangeRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, string | Buffer>>;
  readonly value: string | null;
}

export interface Deployment {
  /** How many faults may overlap. */
  readonly atOnce: number;
  /** A crash is armed with the start before it, and may come before its time. */
  readonly armsAhead: boolean;
  /** Writes to its intake by a client that is none of ours; may be repeated when it fails. Null: nobody but us can. */
  readonly bus: ((record: StrangeRecord) => Promise<void>) | null;
  /** Where its HTTP API answers; the same after each fault. */
  readonly url: string;
  /** The folder of its data. */
  readonly directory: string;
  /** Where that is after `discard(true)`, and the lines that tell a person how to look at it. */
  readonly kept: string;
  readonly lookAtIt: readonly string[];
  /** Makes what is to be there before a start: folders, disks, servers. Before it `directory` is not final. */
  prepare(): Promise<void>;
  /** Resolves when ready. `next`: the fault to come, for what has to be armed beforehand. */
  start(next: Fault | null): Promise<void>;
  /** Makes it happen (or waits until it has), and everything ready again. @throws DrillError when that fails. */
  inflict(fault: Fault, next: Fault | null): Promise<Survived>;
  /** Whatever has timers ends in order, and goes on a day later, by a clock that runs an hour a second. @throws DrillError */
  passTime(): Promise<void>;
  /** An orderly end. @throws DrillError when it is none. */
  stop(): Promise<void>;
  /** After `stop`: every record of every topic as it is, repetitions included, in the order of each partition. */
  read(onRecord: (record: LogRecord) => void): Promise<void>;
  /** After `stop`: documents, as `collection/id`, that have lost what a newer release wrote there. */
  fieldsLost(): Promise<readonly string[]>;
  /** After `stop`: what the product itself says of its books; null: nothing is wrong. */
  verify(): Promise<string | null>;
  /**
   * At any moment, also while the others are under way, and once, whoever asks: whatever there is of processes and mounts goes, and nothing new
   * comes. A folder that is `kept` can be looked at afterwards.
   */
  discard(keep: boolean): Promise<void>;
}

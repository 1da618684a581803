import { StorageLog } from '../core/log.ts';
import type { Clock, Scheduler } from '../core/scheduler.ts';
import { systemScheduler } from '../core/scheduler.ts';
import type { EventLog } from '../port.ts';
import { MemoryStorage } from './storage.ts';

export interface MemoryLogOptions {
  readonly clock: Clock;
  /** Absent: consumers go on within the same turn of the event loop, and only the wait before a retry uses a timer. */
  readonly scheduler?: Scheduler;
}

/** A log that lives as long as the process: for tests and simulation. Deterministic: nothing but promises moves it. */
export function createMemoryLog({ clock, scheduler = sameTurn }: MemoryLogOptions): EventLog {
  return new StorageLog({ storage: new MemoryStorage(), clock, scheduler });
}

const sameTurn: Scheduler = { sleep: systemScheduler.sleep, yield: () => Promise.resolve() };

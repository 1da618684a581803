import { describe } from 'vitest';
import type { EventLog } from '../src/index.ts';
import { appending } from './conformance/appending.ts';
import { consuming } from './conformance/consuming.ts';
import { groups } from './conformance/groups.ts';
import { properties } from './conformance/properties.ts';
import { retention } from './conformance/retention.ts';
import { scanning } from './conformance/scanning.ts';
import { topics } from './conformance/topics.ts';

/** One opened log, as a test gets it. `clock` is what the log takes the time of records from; null: the log has its own. */
export interface LogUnderTest {
  readonly log: EventLog;
  readonly clock: { ms: number } | null;
  close(): Promise<void>;
  /** Closes and opens again on the same data; absent where the data dies with the log. */
  reopen?(): Promise<EventLog>;
}

/** What may differ between adapters; nothing else does. */
export interface LogFeatures {
  /** A new owner of a partition gets its first batch only after the former owner's batch is done. */
  readonly exclusiveHandover: boolean;
  /** `retain` spares what a group has not read yet. Brokers do not: they retain by time alone. */
  readonly retentionSparesGroups: boolean;
  /** Longest wait for something that must happen, in ms. */
  readonly patienceMs: number;
}

export type OpenLog = () => Promise<LogUnderTest>;

/** The definition of the port: every adapter passes all of it, and is an event log then. */
export function eventLogConformance(name: string, open: OpenLog, features: LogFeatures): void {
  describe(`${name} is an event log`, () => {
    topics(open);
    appending(open);
    consuming(open, features);
    groups(open, features);
    scanning(open, features);
    retention(open, features);
    properties(open);
  });
}

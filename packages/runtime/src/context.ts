/** What a service's HTTP routes and background work may use of the running service. */
import type { CloudEvent } from '@coachloop/contracts';
import type { DocumentStore, Query } from '@coachloop/document-store';
import type { EventLog, LogRecord, ScanOptions } from '@coachloop/event-log';
import type { Clock, Command, ForeignEvent, Found, Outcome, ServiceDefinition } from './definition.ts';
import type { RunningService } from './service.ts';

export interface ServiceContext {
  readonly name: string;
  readonly clock: Clock;
  readonly log: EventLog;
  /** For what is no aggregate's business, e.g. removing a projection that was replaced. Documents are written by the kernel alone. */
  readonly store: DocumentStore;
  /** Runs another definition on the same log, store and clock, e.g. the next generation of a projection; the caller stops it. */
  beside(definition: ServiceDefinition): Promise<RunningService>;
  /**
   * Handles commands in one batch with whatever else is waiting. Rejects with `RUNTIME_OVERLOADED` when the queue is full; never
   * because services are behind: a command may be what lets them go on.
   */
  dispatch(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** The same for events from outside, which also wait while a service is too far behind. */
  receive(events: readonly ForeignEvent[]): Promise<readonly Outcome[]>;
  load<S>(collection: string, ids: readonly string[]): Promise<readonly (Found<S> | undefined)[]>;
  query<S>(collection: string, query: Query): Promise<{ readonly items: readonly Found<S>[]; readonly next?: string }>;
  count(collection: string, query?: Pick<Query, 'index' | 'equals' | 'range'>): Promise<number>;
  /** Records as events, in their order, in portions that fit into memory; what cannot be read is left out. */
  read(
    records: readonly LogRecord[],
  ): AsyncIterable<readonly { readonly event: CloudEvent; readonly record: LogRecord }[]>;
  /** Events of public topics, payloads by reference fetched; records that cannot be read are left out. */
  events(options: ScanOptions): AsyncIterable<readonly { readonly event: CloudEvent; readonly record: LogRecord }[]>;
}

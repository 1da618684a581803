/** A running service: its consumer group, its edge, its timers, its sweeper. The same for every service and every adapter. */
import {
  type CloudEvent,
  DEAD_LETTER_TYPE,
  deadLetterTopic,
  PARTITIONS,
  retryTopic,
  TOPIC_OF_TYPE,
} from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import type { Consumer, EventLog, LogRecord, ScanOptions } from '@coachloop/event-log';
import { aggregatesOfService, collectionsOfService, topicsOfService } from './collections.ts';
import { consumeBatch } from './consumer.ts';
import type { ServiceContext } from './context.ts';
import { Decoder, targetFault } from './decode.ts';
import type {
  Aggregate,
  Clock,
  Command,
  ForeignEvent,
  Found,
  Outcome,
  ServiceDefinition,
  Target,
} from './definition.ts';
import { INBOX_COLLECTION, readDocument } from './document.ts';
import { Edge } from './edge.ts';
import type { Reader } from './envelope.ts';
import { RuntimeError } from './errors.ts';
import { readEvents } from './events.ts';
import { type Faults, NO_FAULTS } from './faults.ts';
import { REPLAY_TYPE, RESOLVED_TYPE } from './letters.ts';
import { OutboxRelay } from './outbox.ts';
import { Processor } from './processor.ts';
import { commandInput, foreignInput } from './request.ts';
import { Stall } from './stall.ts';
import { Timers } from './timers.ts';
import { type Handled, traceIdOf } from './trace.ts';
import type { Input, Ran } from './work.ts';

export interface ServiceOptions {
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly faults?: Faults;
  readonly reader?: Reader;
  /** Changed after a backup was restored: outputs then start new streams, since numbers may have been used before. */
  readonly era?: string;
  readonly onHandled?: (handled: readonly Handled[]) => void;
  readonly onStall?: (service: string, what: string, error: unknown, traceId: string | undefined) => void;
  /** Told when nothing of the service waits any more. */
  readonly onStallEnd?: (service: string, stalledMs: number) => void;
  readonly onParked?: (service: string, ran: Ran) => void;
  /** Seconds after which a refused event from outside may come back; null: there is room. */
  readonly pressure?: () => number | null;
  /** Wall-clock ms between looks of timers, sweeper and flush. */
  readonly timersEveryMs?: number;
  readonly sweepEveryMs?: number;
  readonly sweepAfterMs?: number;
  readonly flushEveryMs?: number;
  /** How long a document must have been at rest before its acknowledged outputs are taken out by a write of their own. */
  readonly flushAfterMs?: number;
  /** How long `stop` waits for what is in hand; default 4 s. */
  readonly stopMs?: number;
}

export interface ServiceStatus {
  readonly name: string;
  readonly handled: number;
  readonly parked: number;
  readonly stalledMs: number;
  /** The part of it that is about a store or a log that does not do what it is asked, in ms. */
  readonly outageMs: number;
  readonly stallReason: string | null;
  readonly assignment: readonly string[];
}

/** A call that goes on takes its outputs out by itself; whoever flushes at once writes each of its documents twice. */
const FLUSH_AFTER_MS = 2_000;
/** Well above the former, else another instance publishes what was only waiting for its flush. */
const SWEEP_AFTER_MS = 10_000;
const EXPIRE_MARKS_EVERY_MS = 3_600_000;
/** Whoever waits for a store that hangs is not helped by waiting; what is in hand then is as after a crash. */
const STOP_MS = 4_000;

export class RunningService implements ServiceContext {
  readonly name: string;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly definition: ServiceDefinition;
  readonly aggregates: ReadonlyMap<string, Aggregate<never>>;
  readonly topics: readonly string[];
  readonly #collections: ReadonlySet<string>;
  readonly #stall: Stall;
  readonly #relay: OutboxRelay;
  readonly #processor: Processor;
  readonly #edge: Edge;
  readonly #o: ServiceOptions;
  readonly #stopping = new AbortController();
  #consumer: Consumer | null = null;
  readonly #loops: Promise<void>[] = [];
  #stopped: Promise<void> | null = null;
  #handled = 0;
  #parked = 0;

  constructor(definition: ServiceDefinition, options: ServiceOptions) {
    const { log, store, clock } = options;
    this.name = definition.name;
    this.definition = definition;
    this.clock = clock;
    this.log = log;
    this.store = store;
    this.#o = options;
    this.aggregates = new Map(aggregatesOfService(definition).map((aggregate) => [aggregate.collection, aggregate]));
    this.#collections = new Set(this.aggregates.keys());
    this.topics = topicsOfService(definition);
    const faults = options.faults ?? NO_FAULTS;
    this.#stall = new Stall(
      clock,
      (what, error, traceId) => options.onStall?.(this.name, what, error, traceId),
      (stalledMs) => options.onStallEnd?.(this.name, stalledMs),
    );
    this.#relay = new OutboxRelay({ service: this.name, era: options.era ?? '', log, store });
    const onHandled = options.onHandled === undefined ? {} : { onHandled: options.onHandled };
    const topicOf = topicsOf(definition);
    this.#processor = new Processor({
      service: this.name,
      store,
      relay: this.#relay,
      clock,
      faults,
      aggregates: this.aggregates,
      topicOf,
      ...onHandled,
    });
    this.#edge = new Edge({
      processor: this.#processor,
      relay: this.#relay,
      clock,
      stall: this.#stall,
      onRan: (ran) => this.#count(ran),
      onPublished: () => this.#flushAsGuest(),
    });
  }

  static async start(definition: ServiceDefinition, options: ServiceOptions): Promise<RunningService> {
    const service = new RunningService(definition, options);
    try {
      await service.prepare();
      await service.open();
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  /**
   * Makes topics and collections, and looks after outboxes: from here on it can be asked, and given commands and events. Where
   * log or store are away it throws, and may be called again. (A service that is only asked and given commands now and then, since
   * another process runs it, needs no more than that its collections are declared.)
   */
  async prepare(): Promise<void> {
    const { emits, offers = [] } = this.definition;
    const names = [...new Set([...this.topics, ...emits, ...offers])];
    await this.log.createTopics(names.map((name) => ({ name, partitions: PARTITIONS })));
    await this.store.declare(collectionsOfService(this.definition));
    if (this.#loops.length === 0) this.#lookAfterOutboxes();
  }

  /**
   * After `prepare`: joins the group, and lets timers fire; resolves when it consumes, or when the log does not want to wait for that
   * any longer: who was killed may hold its place for a while. Where the log is away it throws, and may be called again.
   */
  async open(): Promise<void> {
    const { log, store, clock, reader, faults = NO_FAULTS } = this.#o;
    const handler = consumeBatch({
      service: this.name,
      decoder: new Decoder(this.definition, this.aggregates.keys(), reader),
      store,
      processor: this.#processor,
      relay: this.#relay,
      clock,
      stall: this.#stall,
      faults,
      onRan: (ran) => this.#count(ran),
    });
    if (this.#stopping.signal.aborted) return;
    const consumer = await log.consume({ group: this.name, topics: this.topics, from: 'start' }, handler);
    if (this.#stopping.signal.aborted) return consumer.stop();
    this.#consumer = consumer;
    this.#lookAfterTimers();
  }

  beside(definition: ServiceDefinition): Promise<RunningService> {
    return RunningService.start(definition, this.#o);
  }

  get status(): ServiceStatus {
    const assignment = (this.#consumer?.assignment() ?? []).map(({ topic, partition }) => `${topic}/${partition}`);
    const { stalledMs, outageMs, reason } = this.#stall;
    return {
      name: this.name,
      handled: this.#handled,
      parked: this.#parked,
      stalledMs,
      outageMs,
      stallReason: reason,
      assignment,
    };
  }

  async dispatch(commands: readonly Command[]): Promise<readonly Outcome[]> {
    return this.#edge.submit(commands.map((command) => this.#commandInput(command)));
  }

  async receive(events: readonly ForeignEvent[]): Promise<readonly Outcome[]> {
    const inputs = events.map((event) => this.#foreignInput(event));
    return this.#edge.submit(inputs, this.#o.pressure?.() ?? null);
  }

  async load<S>(collection: string, ids: readonly string[]): Promise<readonly (Found<S> | undefined)[]> {
    const found = await this.store.load(collection, ids);
    return found.map((stored) => (stored ? this.#found<S>(collection, stored) : undefined));
  }

  async query<S>(collection: string, query: Parameters<DocumentStore['query']>[1]) {
    const page = await this.store.query(collection, query);
    const items = page.documents.flatMap((stored) => this.#found<S>(collection, stored) ?? []);
    return page.next === undefined ? { items } : { items, next: page.next };
  }

  count(collection: string, query?: Parameters<DocumentStore['count']>[1]): Promise<number> {
    return query === undefined ? this.store.count(collection) : this.store.count(collection, query);
  }

  read(records: readonly LogRecord[]): AsyncIterable<readonly { event: CloudEvent; record: LogRecord }[]> {
    return readEvents(this.store, records);
  }

  async *events(options: ScanOptions): AsyncIterable<readonly { event: CloudEvent; record: LogRecord }[]> {
    for await (const records of this.log.scan(options)) yield* readEvents(this.store, records);
  }

  /**
   * Readiness goes first, at the edge; then consumption; what is in hand is finished, for `stopMs` at most; acknowledged
   * outputs leave the documents. Stopping twice is fine.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const late = new AbortController();
    await Promise.race([
      this.#finish().finally(() => late.abort()),
      this.clock.sleep(this.#o.stopMs ?? STOP_MS, late.signal),
    ]);
  }

  async #finish(): Promise<void> {
    await this.#edge.stop();
    await this.#consumer?.stop();
    await Promise.all(this.#loops);
    await this.flush(Number.POSITIVE_INFINITY);
  }

  /** Where nothing looks after outboxes: what this process has published would else be published once more, by those that run the service. */
  async #flushAsGuest(): Promise<void> {
    if (this.#loops.length === 0) await this.flush(Number.POSITIVE_INFINITY);
  }

  /** Takes what this process has published before `beforeMs` (wall clock) out of the documents, however short they have been at rest. */
  async flush(beforeMs: number = this.clock.wall()): Promise<void> {
    try {
      while ((await this.#relay.flush(beforeMs)) > 0);
    } catch {
      // What is left is swept.
    }
  }

  #lookAfterOutboxes(): void {
    this.#loops.push(
      this.#every('flush', this.#o.flushEveryMs ?? 250, async () => {
        const before = this.clock.wall() - (this.#o.flushAfterMs ?? FLUSH_AFTER_MS);
        while (!this.#stopping.signal.aborted && (await this.#relay.flush(before)) > 0);
      }),
      this.#every('sweep', this.#o.sweepEveryMs ?? 2_000, async () => {
        const waitedMs = this.#o.sweepAfterMs ?? SWEEP_AFTER_MS;
        for (const name of this.aggregates.keys())
          await this.#relay.sweep(name, this.clock.wall(), waitedMs, this.#stopping.signal);
      }),
    );
  }

  #lookAfterTimers(): void {
    const { log, clock } = this;
    const lanes = () =>
      (this.#consumer?.assignment() ?? []).flatMap(({ topic, partition }) =>
        topic === retryTopic(this.name) ? [String(partition)] : [],
      );
    const timers = new Timers({
      service: this.name,
      store: this.store,
      log,
      clock,
      aggregates: this.definition.aggregates, // the kernel's own set no timers
      topics: this.topics,
      lanes,
    });
    this.#loops.push(
      this.#every('timers', this.#o.timersEveryMs ?? 100, async () => {
        const { saved, failed } = await this.#processor.handle(await timers.due(), (ran) => this.#count(ran));
        await this.#relay.publish(saved, clock.wall());
        if (failed[0] !== undefined) throw failed[0].error;
      }),
      this.#every('expire marks', EXPIRE_MARKS_EVERY_MS, async () => {
        await this.store.expireMarks(INBOX_COLLECTION, clock.now());
      }),
    );
  }

  async #every(what: string, everyMs: number, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      await this.#stall.untilDone(what, signal, action);
    }
  }

  #count({ outcome, ...ran }: Ran): void {
    if (outcome.status === 'done') this.#handled += 1;
    if (outcome.status !== 'parked') return;
    this.#parked += 1;
    this.#o.onParked?.(this.name, { outcome, ...ran });
  }

  #commandInput(command: Command): Input {
    this.#checkTarget(command.target);
    return commandInput(this.name, command, this.clock.now());
  }

  #foreignInput(event: ForeignEvent): Input {
    this.#checkTarget(event.target);
    return foreignInput(this.definition, event);
  }

  #checkTarget(target: Target): void {
    const fault = targetFault(target, this.#collections);
    if (fault) throw new RuntimeError('RUNTIME_TARGET_INVALID', `${this.name}: ${fault}.`);
  }

  #found<S>(collection: string, stored: Parameters<typeof readDocument>[1]): Found<S> | undefined {
    const aggregate = this.aggregates.get(collection);
    if (!aggregate) throw new Error(`${this.name} has no collection ${collection}.`);
    const { id, version, wakeAt, body } = readDocument(aggregate, stored);
    if (body.state === null) return undefined;
    const traceId = body.trace === undefined ? undefined : traceIdOf(body.trace);
    return { id, version, wakeAt, state: body.state as S, ...(traceId === undefined ? {} : { traceId }) };
  }
}

const topicsOf = (definition: ServiceDefinition) => {
  const own: Readonly<Record<string, string>> = {
    [DEAD_LETTER_TYPE]: deadLetterTopic(definition.name),
    [RESOLVED_TYPE]: deadLetterTopic(definition.name),
    [REPLAY_TYPE]: retryTopic(definition.name),
  };
  return (type: string): string | undefined => {
    const topic = TOPIC_OF_TYPE[type];
    return own[type] ?? (topic !== undefined && definition.emits.includes(topic) ? topic : undefined);
  };
};

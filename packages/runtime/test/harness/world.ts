/** Services on adapters and a clock that the test moves; waiting for what must come, never for time. */
import { DEAD_LETTER_TYPE, deadLetterTopic, PARTITIONS } from '@coachloop/contracts';
import type { LogRecord, NewRecord } from '@coachloop/event-log';
import {
  type LetterState,
  lettersCollection,
  type Outcome,
  REPLAY_COMMAND,
  RunningService,
  type ServiceDefinition,
  type ServiceOptions,
} from '../../src/index.ts';
import { TestClock } from '../../src/testing.ts';
import { type Adapters, faulty, type Kind } from './adapters.ts';
import { type Asked, callDocument } from './services.ts';

export const NOW = Date.UTC(2026, 4, 4, 12);

const WAIT_MS_MAX = 60_000;

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

const QUICK = { timersEveryMs: 1, sweepEveryMs: 5, flushEveryMs: 2, flushAfterMs: 0 } as const;

/** A foreign event on the bus. */
export function foreign(id: string, data: Asked, overrides: Partial<Record<string, string>> = {}) {
  const text = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: 'pbx',
    ce_type: 'call.queued',
    ce_time: new Date(NOW - 60_000).toISOString(),
    'content-type': 'application/json',
    ...overrides,
  };
  const headers = Object.fromEntries(
    Object.entries(text).flatMap(([name, value]) => (value === undefined ? [] : [[name, Buffer.from(value)]])),
  );
  return { topic: 'call-intake', key: data.callId, headers, value: Buffer.from(JSON.stringify(data)) };
}

export class World {
  readonly clock: TestClock;
  readonly adapters: Adapters;
  readonly services: RunningService[] = [];
  readonly stalls: string[] = [];

  constructor(clock: TestClock, adapters: Adapters) {
    this.clock = clock;
    this.adapters = adapters;
  }

  static async open(kind: Kind): Promise<World> {
    const clock = new TestClock(NOW);
    return new World(clock, await kind.open(clock));
  }

  /** Opens a world, closes it whatever happens. */
  static async with(kind: Kind, test: (world: World) => Promise<void>): Promise<void> {
    const world = await World.open(kind);
    try {
      await test(world);
    } finally {
      await world.stopAll();
      await world.adapters.close();
    }
  }

  /** Stops clean; a test clock that sleeps 5 ms at most would give up what is in hand after those. */
  /** For good: whoever waits for all does not wait for it. */
  async stop(service: RunningService): Promise<void> {
    await service.stop();
    this.services.splice(this.services.indexOf(service), 1);
  }

  async stopAll(): Promise<void> {
    const { sleepMsMax } = this.clock;
    this.clock.sleepMsMax = 1_000;
    await Promise.all(this.services.map((service) => service.stop()));
    this.clock.sleepMsMax = sleepMsMax;
  }

  get log() {
    return this.adapters.log;
  }
  get store() {
    return this.adapters.store;
  }

  async start(definition: ServiceDefinition, options: Partial<ServiceOptions> = {}): Promise<RunningService> {
    await this.log.createTopics([{ name: 'call-intake', partitions: PARTITIONS }]);
    const { log, store, clock } = this;
    const onStall = (service: string, what: string) => this.stalls.push(`${service}: ${what}`);
    const service = await RunningService.start(definition, { log, store, clock, onStall, ...QUICK, ...options });
    this.services.push(service);
    return service;
  }

  /** Starts a service whose process can die: once `life.dead`, nothing of it reaches log or store. */
  async startMortal(life: { dead: boolean }, definition: ServiceDefinition, options: Partial<ServiceOptions> = {}) {
    const fault = (_: string, real: () => Promise<unknown>) =>
      life.dead ? Promise.reject(new Error('this process is dead')) : real();
    const log = faulty(this.log, (method, real) => (method === 'consume' ? real() : fault(method, real)));
    return this.start(definition, { log, store: faulty(this.store, fault), ...options });
  }

  async send(...records: readonly NewRecord[]): Promise<void> {
    await this.log.createTopics([{ name: 'call-intake', partitions: PARTITIONS }]);
    await this.log.append(records);
  }

  /** Until all services have read everything, whether or not their outboxes are empty. */
  async handledAll(): Promise<void> {
    const isRead = async () => (await Promise.all(this.services.map((service) => this.#ends(service)))).every(Boolean);
    while (!(await isRead()) || !(await isRead())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Null: not everything was read. */
  async #ends(service: RunningService): Promise<readonly string[] | null> {
    const [marks, committed] = await Promise.all([
      this.log.watermarks(service.topics),
      this.log.committed(service.name, service.topics),
    ]);
    const at = new Map(committed.map((p) => [`${p.topic}/${p.partition}`, p.offset]));
    const isRead = marks.every((m) => (at.get(`${m.topic}/${m.partition}`) ?? m.first) >= m.next);
    return isRead ? marks.map(({ topic, partition, next }) => `${topic}/${partition}:${next}`) : null;
  }

  /** Until all services have read everything that there is, and nothing new came of it. */
  async quiet(names = this.services.map(({ name }) => name)): Promise<void> {
    let before = '';
    await until(`quiet; stalls: ${this.services.map(({ status }) => status.stallReason)}`, async () => {
      const now = await this.#position(names);
      const isQuiet = now !== null && now === before;
      before = now ?? '';
      return isQuiet;
    });
  }

  async #position(names: readonly string[]): Promise<string | null> {
    const ends: string[] = [];
    for (const service of this.services.filter(({ name }) => names.includes(name))) {
      const read = await this.#ends(service);
      if (!read) return null;
      ends.push(...read);
      for (const name of service.aggregates.keys())
        if ((await this.store.count(name, { index: 'outbox-since' })) > 0) return null;
    }
    return ends.join();
  }

  /** Every record of a topic, in the order of each partition. */
  async records(topic: string): Promise<readonly LogRecord[]> {
    const all: LogRecord[] = [];
    for await (const records of this.log.scan({ topics: [topic], from: 'start' })) all.push(...records);
    return all;
  }

  async call<S = { notes: readonly string[] }>(callId: string): Promise<S | undefined> {
    const [document] = await this.store.load('calls', [callDocument(callId)]);
    return document?.body.state as S | undefined;
  }

  async notes(callId: string): Promise<readonly string[]> {
    return (await this.call(callId))?.notes ?? [];
  }

  async heard(agentId: string): Promise<readonly string[]> {
    const [document] = await this.store.load('agents', [agentId]);
    return (document?.body.state as { heard: readonly string[] } | undefined)?.heard ?? [];
  }

  async letters(service: RunningService): Promise<readonly { id: string; state: LetterState }[]> {
    const { items } = await service.query<LetterState>(lettersCollection(service.name), { index: 'by-status' });
    return items;
  }

  async parked(service: RunningService): Promise<readonly LogRecord[]> {
    const records = await this.records(deadLetterTopic(service.name));
    return records.filter(({ headers }) => text(headers.ce_type) === DEAD_LETTER_TYPE);
  }

  /** Replays every open letter, once more under a key of its own. */
  async replayAll(service: RunningService, key: string): Promise<readonly Outcome[]> {
    const open = (await this.letters(service)).filter(({ state }) => state.status === 'open');
    const collection = lettersCollection(service.name);
    return service.dispatch(
      open.map(({ id }) => ({
        target: { collection, id },
        type: REPLAY_COMMAND,
        data: {},
        key: `${key}/${id}`,
        laneKey: id,
      })),
    );
  }
}

export const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
export const dataOfRecord = (record: LogRecord) =>
  JSON.parse(text(record.value ?? undefined)) as Record<string, unknown>;
export const noteOf = (record: LogRecord): unknown => dataOfRecord(record).note;

/** First occurrences by id, in the order of the log. */
export function firstOccurrences(records: readonly LogRecord[]): readonly LogRecord[] {
  const seen = new Set<string>();
  return records.filter(({ headers }) => {
    const id = text(headers.ce_id);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

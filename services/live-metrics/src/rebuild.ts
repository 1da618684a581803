/**
 * Runs the generation that is read and, while the projections are rebuilt, the next one beside it: from the start of the log,
 * with a group and collections of its own. When it has come as far as the one that is read, the pointer moves; then the old one
 * is stopped and removed. Every instance does the same by looking at the pointer; whoever is first moves it.
 */
import { PUBLIC_TOPICS } from '@coachloop/contracts';
import { LogError } from '@coachloop/event-log';
import { intakeCollection, lettersCollection, type RunningService, type ServiceContext } from '@coachloop/runtime';
import { type Siblings, StandingFaults } from '@coachloop/service-kit';
import { FIRST_GENERATION, GENERATION_COMMANDS, type Generations } from './domain/generations.ts';
import type { MetricsPolicy } from './domain/policy.ts';
import { metricsProblem } from './errors.ts';
import { GENERATION_TARGET, generationDefinition, nameOfGeneration } from './generation.ts';
import type { Shown } from './source.ts';

const LOOK_EVERY_MS = 500;
/** Whoever began to read the old generation has finished by then. */
const RETIRE_AFTER_MS = 2_000;
const DELETE_DOCUMENTS = 1_000;
const BUILD = 'build the next figures';

export interface RebuildStatus extends Generations {
  readonly state: 'idle' | 'building';
  /** Records that the generation being built has still to read; null: none is being built. */
  readonly lag: number | null;
  /** How it fares on this instance: it is not shown, and so nobody else looks at its health. Null: none is being built. */
  readonly health: BuildHealth | null;
}

export interface BuildHealth {
  /** Since when it tries the same thing, ms of wall-clock time; 0: it goes on. */
  readonly stalledMs: number;
  readonly stallReason: string | null;
  /** Events that it could not count. */
  readonly deadLettersOpen: number;
}

export class GenerationSupervisor {
  readonly #service: ServiceContext;
  readonly #policy: MetricsPolicy;
  readonly #siblings: Siblings;
  readonly #running = new Map<number, RunningService>();
  readonly #stopping = new AbortController();
  /** Wall-clock ms since when a generation is not read here any more. */
  readonly #unread = new Map<number, number>();
  readonly #faults: StandingFaults;
  #shown: Shown | null = null;
  #loop: Promise<void> = Promise.resolve();

  /** @param warn told of a fault that stands, once; outages of log and store are not. */
  constructor(
    service: ServiceContext,
    policy: MetricsPolicy,
    siblings: Siblings,
    warn: (what: string, error: string) => void,
  ) {
    this.#service = service;
    this.#policy = policy;
    this.#siblings = siblings;
    this.#faults = new StandingFaults(service.clock, warn);
  }

  /** Resolves when the generation that is to be read runs. */
  async start(): Promise<void> {
    await this.#look();
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
  }

  /** @throws HttpProblem METRICS_NOT_READY */
  shown(): Shown {
    if (this.#shown) return this.#shown;
    throw metricsProblem('METRICS_NOT_READY', 'The figures are being opened.', 1);
  }

  /** Asks for a rebuild; while one is under way it is that one. `key` makes repeating it harmless; absent: one per generation. */
  async request(key?: string): Promise<RebuildStatus> {
    const { active } = await this.#generations();
    await this.#command(GENERATION_COMMANDS.build, {}, key ?? `after-${active}`);
    return this.status();
  }

  async status(): Promise<RebuildStatus> {
    const generations = await this.#generations();
    const { building } = generations;
    if (building === null) return { ...generations, state: 'idle', lag: null, health: null };
    const [ends, read] = await Promise.all([
      this.#service.log.watermarks(PUBLIC_TOPICS),
      this.#committed(building.generation),
    ]);
    const lag = ends.reduce((sum, { topic, partition, first, next }) => {
      return sum + Math.max(0, next - (read.get(`${topic}/${partition}`) ?? first));
    }, 0);
    return { ...generations, state: 'building', lag, health: await this.#healthOf(building.generation) };
  }

  /** Well until it runs here, which it does at the next look, unless that fails. */
  async #healthOf(generation: number): Promise<BuildHealth> {
    const fault = this.#faults.of(BUILD);
    const ours = {
      stalledMs: fault ? Math.max(1, this.#service.clock.wall() - fault.sinceMs) : 0,
      stallReason: fault?.error ?? null,
    };
    const running = this.#running.get(generation);
    if (!running) return { ...ours, deadLettersOpen: 0 };
    const { stalledMs, stallReason } = running.status.stalledMs > 0 ? running.status : ours;
    const open = { index: 'by-status', equals: ['open'] };
    return { stalledMs, stallReason, deadLettersOpen: await running.count(lettersCollection(running.name), open) };
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#service.clock.sleep(LOOK_EVERY_MS, signal);
      if (!signal.aborted) await this.#faults.guard('look after the figures', () => this.#look());
    }
  }

  /** What is shown first; the rest each by itself, so that none holds up another one. */
  async #look(): Promise<void> {
    const generations = await this.#generations();
    const { active, building, retired } = generations;
    await this.#show(active);
    if (building === null) this.#faults.passed(BUILD);
    else await this.#faults.guard(BUILD, () => this.#build(active, building.generation));
    for (const generation of this.#running.keys())
      if (generation !== active && generation !== building?.generation)
        await this.#faults.guard(`stop figures ${generation}`, () => this.#stopOne(generation));
    for (const generation of retired)
      await this.#faults.guard(`remove figures ${generation}`, () => this.#retire(generation));
  }

  async #run(generation: number): Promise<RunningService> {
    const known = this.#running.get(generation);
    if (known) return known;
    const running = await this.#service.beside(generationDefinition(generation, this.#policy));
    this.#running.set(generation, running);
    return running;
  }

  async #show(generation: number): Promise<void> {
    if (this.#shown?.generation === generation) return;
    const service = await this.#run(generation);
    const before = this.#shown && this.#running.get(this.#shown.generation);
    this.#shown = { generation, service };
    this.#siblings.show(service);
    if (before) this.#siblings.hide(before);
  }

  /**
   * Not "no lag at all": while events flow there may always be some. As far as the one that is read, up to the batch that one
   * has in hand, is far enough.
   */
  async #build(active: number, next: number): Promise<void> {
    await this.#run(next);
    const goal = await this.#committed(active);
    const read = await this.#committed(next);
    const behind = [...goal].some(([partition, offset]) => (read.get(partition) ?? 0) < offset);
    if (!behind) await this.#command(GENERATION_COMMANDS.show, { generation: next }, `show-${next}`);
  }

  async #stopOne(generation: number): Promise<void> {
    const running = this.#running.get(generation);
    this.#running.delete(generation);
    await running?.stop();
  }

  /** The group first: it cannot be removed while another instance still has a member in it, and would write again. */
  async #retire(generation: number): Promise<void> {
    const since = this.#unread.get(generation) ?? this.#service.clock.wall();
    this.#unread.set(generation, since);
    if (this.#service.clock.wall() - since < RETIRE_AFTER_MS) return;
    const { log } = this.#service;
    try {
      await log.deleteGroup(nameOfGeneration(generation));
    } catch (error) {
      if (error instanceof LogError && error.code === 'LOG_GROUP_ACTIVE') return;
      throw error;
    }
    const name = nameOfGeneration(generation);
    const declared = generationDefinition(generation, this.#policy).aggregates.map(({ collection }) => collection);
    for (const collection of [...declared, lettersCollection(name), intakeCollection(name)])
      await this.#deleteAll(collection);
    await this.#command(GENERATION_COMMANDS.forget, { generation }, `forget-${generation}`);
    this.#unread.delete(generation);
  }

  async #deleteAll(collection: string): Promise<void> {
    const { store } = this.#service;
    await store.declare([{ name: collection, indexes: [] }]);
    for (;;) {
      const documents = await store.scan(collection, { limit: DELETE_DOCUMENTS });
      if (documents.length === 0 || this.#stopping.signal.aborted) return;
      await store.delete(
        collection,
        documents.map(({ id }) => id),
      );
    }
  }

  async #committed(generation: number): Promise<ReadonlyMap<string, number>> {
    const positions = await this.#service.log.committed(nameOfGeneration(generation), PUBLIC_TOPICS);
    return new Map(positions.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  }

  async #generations(): Promise<Generations> {
    const [found] = await this.#service.load<Generations>(GENERATION_TARGET.collection, [GENERATION_TARGET.id]);
    return found?.state ?? FIRST_GENERATION;
  }

  async #command(type: string, data: object, key: string): Promise<void> {
    const [outcome] = await this.#service.dispatch([
      { target: GENERATION_TARGET, type, data, key, laneKey: GENERATION_TARGET.id },
    ]);
    if (outcome?.status === 'conflict') throw metricsProblem('IDEMPOTENCY_KEY_REUSED', `The key is ${key}.`);
    if (outcome?.status === 'rejected') throw outcome.error;
  }
}

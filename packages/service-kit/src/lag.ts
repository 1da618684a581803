/** How far each service is behind: records that are in the log and not yet committed by its group. */
import type { DocumentStore } from '@coachloop/document-store';
import type { EventLog, Watermark } from '@coachloop/event-log';
import {
  type Clock,
  collectionsOfService,
  lettersCollection,
  type ServiceDefinition,
  topicsOfService,
} from '@coachloop/runtime';
import { isAway } from './patience.ts';

export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

export async function lagOf(log: EventLog, group: string, topics: readonly string[]): Promise<readonly Lag[]> {
  return behind(log, group, topics, await log.watermarks(topics));
}

async function behind(
  log: EventLog,
  group: string,
  topics: readonly string[],
  ends: readonly Watermark[],
): Promise<readonly Lag[]> {
  const positions = await log.committed(group, topics);
  const committed = new Map(positions.map((p) => [`${p.topic}/${p.partition}`, p.offset]));
  return ends.map(({ topic, partition, first, next }) => ({
    group,
    topic,
    partition,
    records: Math.max(0, next - (committed.get(`${topic}/${partition}`) ?? first)),
  }));
}

type Lags = readonly Lag[];

/** Of all services at once: the ends of the log are asked for once, and topics that nobody has made yet are left out. */
export async function lagsOf(log: EventLog, services: readonly ServiceDefinition[]): Promise<Lags> {
  const found = await lagsOfEach(log, services);
  return services.flatMap(({ name }) => {
    const lag = found.get(name) ?? [];
    if ('reason' in lag) throw lag.reason;
    return lag;
  });
}

/** By group, what is known, or why not: who may not read one topic or group may read the others. */
async function lagsOfEach(
  log: EventLog,
  services: readonly ServiceDefinition[],
): Promise<ReadonlyMap<string, Lags | { readonly reason: unknown }>> {
  const together = await endsByTopic(log, [...new Set(services.flatMap(topicsOfService))]).catch((error: unknown) => {
    if (isAway(error)) throw error;
    return null;
  });
  const found = await Promise.allSettled(
    services.map(async (service) => {
      const ends = together ?? (await endsByTopic(log, topicsOfService(service)));
      const topics = topicsOfService(service).filter((topic) => ends.has(topic));
      const marks = topics.flatMap((topic) => ends.get(topic) ?? []);
      return behind(log, service.name, topics, marks);
    }),
  );
  return new Map(services.map(({ name }, i) => [name, lagOrReason(found[i])]));
}

const lagOrReason = (result: PromiseSettledResult<Lags> | undefined) =>
  result?.status === 'fulfilled' ? result.value : { reason: result?.reason };

const endsByTopic = async (log: EventLog, topics: readonly string[]): Promise<ReadonlyMap<string, Watermark[]>> =>
  Map.groupBy(await endsOf(log, topics), ({ topic }) => topic);

async function endsOf(log: EventLog, topics: readonly string[]): Promise<readonly Watermark[]> {
  try {
    return await log.watermarks(topics);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'LOG_TOPIC_UNKNOWN')) throw error;
    const existing = new Set((await log.topics()).map(({ name }) => name));
    return log.watermarks(topics.filter((topic) => existing.has(topic)));
  }
}

const POLL_MS = 500;
/** What was found out before that is not known now. */
const KNOWN_MS_MAX = 10_000;
const OPEN = { index: 'by-status', equals: ['open'] } as const;

export interface LagOptions {
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly clock: Clock;
  /** Every service of the installation, whichever process runs it. */
  readonly services: () => Promise<readonly ServiceDefinition[]>;
  /** Wall-clock ms between looks; default 500. */
  readonly everyMs?: number;
  /** While this is true nothing is told; what still fails afterwards is. */
  readonly isQuiet?: () => boolean;
  /** Told of each error that the look before did not meet: what is not known now, of which groups. */
  readonly onUnknown?: (error: unknown, what: string) => void;
}

/** Watches the lag, so that the edge can refuse before the backlog grows without bound; and the dead letters, for whoever looks. */
export class LagGauge {
  readonly #o: LagOptions;
  #deadLettersOpen = 0;
  #latest: ReadonlyMap<string, Lags> = new Map();
  #groups: ReadonlyMap<string, boolean> = new Map();
  /** Monotonic ms. */
  #lookedAtMs = 0;
  #told: ReadonlySet<string> = new Set();
  /** Whose letters may be counted: collections are declared in each process before use. */
  readonly #declared = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(options: LagOptions) {
    this.#o = options;
    this.#loop = this.#watch();
  }

  /** What was last known of each group. */
  get latest(): Lags {
    return [...this.#latest.values()].flat();
  }
  /** Each group, and whether the last look, which was in the last 10 s, could read how far it is behind. */
  get known(): ReadonlyMap<string, boolean> {
    return performance.now() - this.#lookedAtMs < KNOWN_MS_MAX ? this.#groups : noneOf(this.#groups);
  }
  get deadLettersOpen(): number {
    return this.#deadLettersOpen;
  }
  /** Records that this group has not handled, over all its partitions. */
  of(group: string): number {
    return (this.#latest.get(group) ?? []).reduce((sum, { records }) => sum + records, 0);
  }
  /** Of the service that is furthest behind. */
  get most(): number {
    return Math.max(0, ...[...this.#latest.keys()].map((group) => this.of(group)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    const { clock, everyMs = POLL_MS } = this.#o;
    while (!this.#stopping.signal.aborted) {
      const failures = await this.#look().catch((error: unknown) => {
        this.#groups = noneOf(this.#groups);
        return [['every group', error] as const];
      });
      this.#lookedAtMs = performance.now();
      if (!this.#stopping.signal.aborted && !this.#o.isQuiet?.()) this.#tell(failures);
      await clock.sleep(everyMs, this.#stopping.signal);
    }
  }

  /** What could not be read, and why; what was known of it stands. */
  async #look(): Promise<readonly (readonly [string, unknown])[]> {
    const all = await this.#o.services();
    const found = await lagsOfEach(this.#o.log, all);
    const failures = [...found].flatMap(([group, lag]) => ('reason' in lag ? [[group, lag.reason] as const] : []));
    this.#groups = new Map([...found].map(([group, lag]) => [group, !('reason' in lag)]));
    this.#latest = new Map(
      [...found].map(([group, lag]) => [group, 'reason' in lag ? (this.#latest.get(group) ?? []) : lag]),
    );
    try {
      this.#deadLettersOpen = await this.#countLetters(all);
      return failures;
    } catch (error) {
      return [...failures, ['open dead letters', error]];
    }
  }

  #tell(failures: readonly (readonly [string, unknown])[]): void {
    const byCode = Map.groupBy(failures, ([, error]) => codeOf(error));
    for (const [code, list] of byCode)
      if (!this.#told.has(code)) this.#o.onUnknown?.(list[0]?.[1], list.map(([what]) => what).join(', '));
    this.#told = new Set(byCode.keys());
  }

  async #countLetters(services: readonly ServiceDefinition[]): Promise<number> {
    const { store } = this.#o;
    for (const { name } of services.filter((service) => !this.#declared.has(service.name))) {
      await store.declare(collectionsOfService({ name, aggregates: [], consumes: {}, emits: [] }));
      this.#declared.add(name);
    }
    const open = await Promise.all(services.map(({ name }) => store.count(lettersCollection(name), OPEN)));
    return open.reduce((sum, count) => sum + count, 0);
  }
}

const noneOf = (groups: ReadonlyMap<string, boolean>) => new Map([...groups.keys()].map((group) => [group, false]));

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

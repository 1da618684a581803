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

/** Of all services at once: the ends of the log are asked for once, and topics that nobody has made yet are left out. */
export async function lagsOf(log: EventLog, services: readonly ServiceDefinition[]): Promise<readonly Lag[]> {
  const wanted = [...new Set(services.flatMap(topicsOfService))];
  const ends = Map.groupBy(await endsOf(log, wanted), ({ topic }) => topic);
  const lags = services.map((service) => {
    const topics = topicsOfService(service).filter((topic) => ends.has(topic));
    return behind(
      log,
      service.name,
      topics,
      topics.flatMap((topic) => ends.get(topic) ?? []),
    );
  });
  return (await Promise.all(lags)).flat();
}

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
const OPEN = { index: 'by-status', equals: ['open'] } as const;

export interface LagOptions {
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly clock: Clock;
  /** Every service of the installation, whichever process runs it. */
  readonly services: () => Promise<readonly ServiceDefinition[]>;
  /** Wall-clock ms between looks; default 500. */
  readonly everyMs?: number;
}

/** Watches the lag, so that the edge can refuse before the backlog grows without bound; and the dead letters, for whoever looks. */
export class LagGauge {
  readonly #o: LagOptions;
  #deadLettersOpen = 0;
  #latest: readonly Lag[] = [];
  /** Whose letters may be counted: collections are declared in each process before use. */
  readonly #declared = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(options: LagOptions) {
    this.#o = options;
    this.#loop = this.#watch();
  }

  get latest(): readonly Lag[] {
    return this.#latest;
  }
  get deadLettersOpen(): number {
    return this.#deadLettersOpen;
  }
  /** Records that this group has not handled, over all its partitions. */
  of(group: string): number {
    return this.#latest.reduce((sum, lag) => (lag.group === group ? sum + lag.records : sum), 0);
  }
  /** Of the service that is furthest behind. */
  get most(): number {
    return Math.max(0, ...[...new Set(this.#latest.map(({ group }) => group))].map((group) => this.of(group)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    const { log, clock, services, everyMs = POLL_MS } = this.#o;
    while (!this.#stopping.signal.aborted) {
      try {
        const all = await services();
        this.#latest = await lagsOf(log, all);
        this.#deadLettersOpen = await this.#countLetters(all);
      } catch {
        // Log or store are away: the stall figure and readiness say so; the last known lag stands.
      }
      await clock.sleep(everyMs, this.#stopping.signal);
    }
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

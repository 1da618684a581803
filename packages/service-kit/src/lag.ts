/** How far each service is behind: records that are in the log and not yet committed by its group. */
import type { EventLog } from '@coachloop/event-log';
import { type Clock, lettersCollection, type RunningService } from '@coachloop/runtime';

export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

export async function lagOf(log: EventLog, group: string, topics: readonly string[]): Promise<readonly Lag[]> {
  const [ends, positions] = await Promise.all([log.watermarks(topics), log.committed(group, topics)]);
  const committed = new Map(positions.map((p) => [`${p.topic}/${p.partition}`, p.offset]));
  return ends.map(({ topic, partition, first, next }) => ({
    group,
    topic,
    partition,
    records: Math.max(0, next - (committed.get(`${topic}/${partition}`) ?? first)),
  }));
}

const POLL_MS = 500;
const OPEN = { index: 'by-status', equals: ['open'] } as const;

/** Watches the lag, so that the edge can refuse before the backlog grows without bound; and the dead letters, for whoever looks. */
export class LagGauge {
  #deadLettersOpen = 0;
  #latest: readonly Lag[] = [];
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(log: EventLog, services: () => readonly RunningService[], clock: Clock) {
    this.#loop = this.#watch(log, services, clock);
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

  async #watch(log: EventLog, services: () => readonly RunningService[], clock: Clock): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const lags = await Promise.all(services().map((service) => lagOf(log, service.name, service.topics)));
        this.#latest = lags.flat();
        const open = await Promise.all(
          services().map((service) => service.count(lettersCollection(service.name), OPEN)),
        );
        this.#deadLettersOpen = open.reduce((sum, count) => sum + count, 0);
      } catch {
        // The log is away: the stall figure and readiness say so; the last known lag stands.
      }
      await clock.sleep(POLL_MS, this.#stopping.signal);
    }
  }
}

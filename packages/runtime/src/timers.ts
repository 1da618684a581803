/**
 * Timers: time is a message. The owner of a partition polls the documents of its lane, and fires only after everything that
 * was appended before it looked has been handled, so that a backlog after an outage does not look like silence.
 */
import type { DocumentStore, StoredDocument } from '@coachloop/document-store';
import type { EventLog, Watermark } from '@coachloop/event-log';
import type { Aggregate, Clock } from './definition.ts';
import type { Body } from './document.ts';
import { type Input, TIMER_STREAM } from './work.ts';

const DUE_MAX = 500;

export interface TimersOptions {
  readonly service: string;
  readonly store: DocumentStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly aggregates: readonly Aggregate<never>[];
  readonly topics: readonly string[];
  /** Partitions of the service's own retry topic that this process holds: they decide who owns which lane. */
  readonly lanes: () => readonly string[];
}

/** The ends of a lane's partitions at the moment `at`: timers that were due then may fire once all of it is handled. */
interface Gate {
  readonly at: number;
  readonly ends: readonly Watermark[];
}

interface Due {
  readonly collection: string;
  readonly document: StoredDocument;
}

export class Timers {
  readonly #o: TimersOptions;
  readonly #gates = new Map<string, Gate>();

  constructor(options: TimersOptions) {
    this.#o = options;
  }

  /** What may fire now: one look per collection, and two at the log only while something is due. */
  async due(): Promise<readonly Input[]> {
    const lanes = this.#o.lanes();
    const now = this.#o.clock.now();
    const { due, full } = await this.#found(now, lanes);
    // A full page may hide the lanes behind those that it shows.
    const waiting = new Set(full ? lanes : due.map(({ document }) => document.lane ?? ''));
    for (const lane of this.#gates.keys()) if (!waiting.has(lane)) this.#gates.delete(lane);
    if (due.length === 0) return [];
    await this.#setGates(
      now,
      [...waiting].filter((lane) => !this.#gates.has(lane)),
    );
    const open = await this.#openGates();
    // Timers of lanes that wait for their backlog must not take all the places of those that need not.
    const ready = full && open.size < lanes.length ? (await this.#found(now, [...open.keys()])).due : due;
    return ready.flatMap(({ collection, document }) => {
      const at = open.get(document.lane ?? '');
      return at !== undefined && document.wakeAt !== null && document.wakeAt <= at
        ? [timerInput(collection, document)]
        : [];
    });
  }

  async #found(now: number, lanes: readonly string[]): Promise<{ due: readonly Due[]; full: boolean }> {
    if (lanes.length === 0) return { due: [], full: false };
    const pages = await Promise.all(
      this.#o.aggregates.map(async ({ collection }) => {
        const documents = await this.#o.store.due(collection, now, DUE_MAX, lanes);
        return documents.map((document) => ({ collection, document }));
      }),
    );
    return { due: pages.flat(), full: pages.some((page) => page.length >= DUE_MAX) };
  }

  async #setGates(at: number, lanes: readonly string[]): Promise<void> {
    if (lanes.length === 0) return;
    const ends = await this.#o.log.watermarks(this.#o.topics);
    for (const lane of lanes)
      this.#gates.set(lane, { at, ends: ends.filter(({ partition }) => String(partition) === lane) });
  }

  /** Lanes whose gate is passed, with the time of the gate; a passed gate is gone, the next look sets a new one. */
  async #openGates(): Promise<ReadonlyMap<string, number>> {
    const positions = await this.#o.log.committed(this.#o.service, this.#o.topics);
    const committed = new Map(positions.map((p) => [`${p.topic}/${p.partition}`, p.offset]));
    const open = new Map<string, number>();
    for (const [lane, { at, ends }] of this.#gates) {
      // Where retention left nothing to be read there is no backlog, whether or not anything was ever committed.
      const isRead = ({ topic, partition, first, next }: Watermark) =>
        (committed.get(`${topic}/${partition}`) ?? first) >= next;
      if (!ends.every(isRead)) continue;
      open.set(lane, at);
      this.#gates.delete(lane);
    }
    return open;
  }
}

function timerInput(collection: string, document: StoredDocument): Input {
  const { wakeN, born } = document.body as unknown as Body;
  const cause = `${collection}/${document.id}/wake/${wakeN}`;
  const message = {
    id: cause,
    kind: 'timer',
    type: 'timer',
    source: `${collection}/${document.id}`,
    time: document.wakeAt ?? 0,
    data: null,
    origin: null,
  } as const;
  return {
    target: { collection, id: document.id },
    message,
    identity: { kind: 'stream', stream: TIMER_STREAM, seq: wakeN, born, replay: false },
    cause,
    lane: document.lane ?? '0',
    origin: { timer: message },
  };
}

/**
 * One tail of the public log for all clients of the stream, and the newest lines of the feed in memory. A client that comes
 * back is served from memory from where it was; what is no longer there it is told as a number.
 */
import { type Feed, type FeedItem, headerText, PUBLIC_TOPICS } from '@coachloop/contracts';
import type { LogRecord, Position } from '@coachloop/event-log';
import type { ServiceContext } from '@coachloop/runtime';
import { feedItemOf, isShown } from './feed.ts';
import { advanced, encodePositions, listOf, offsetAt, type Positions, positionsOf } from './positions.ts';

export const TAIL_BOUNDS = {
  /** Read back when the tail begins, per partition. */
  records_read_back_max: 40,
  lines_kept_max: 2_000,
  lines_sent_max: 500,
} as const;

interface Line {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedMs: number;
  readonly item: FeedItem;
}

/** The feed says nothing of the order between partitions; within one it keeps it. */
export class Tail {
  readonly #service: ServiceContext;
  #lines: Line[] = [];
  /** From here on every line is in memory. */
  #since: Positions = new Map();
  #next: Positions = new Map();
  #pending: FeedItem[] = [];
  #lost = 0;
  #heardAtMs = 0;

  constructor(service: ServiceContext) {
    this.#service = service;
  }

  /** Reads back, then follows until aborted; `onReady` is called in between. Throws when the log does. */
  async run(signal: AbortSignal, onReady: () => void): Promise<void> {
    const { log } = this.#service;
    if (this.#next.size === 0) {
      const watermarks = await log.watermarks(PUBLIC_TOPICS);
      const back = watermarks.map(({ topic, partition, first, next }) => ({
        topic,
        partition,
        offset: Math.max(first, next - TAIL_BOUNDS.records_read_back_max),
      }));
      this.#since = positionsOf(back);
      this.#next = this.#since;
    }
    for await (const records of log.scan({ topics: PUBLIC_TOPICS, from: listOf(this.#next), signal }))
      await this.#take(records);
    // What was read back came partition by partition.
    this.#lines.sort((a, b) => a.appendedMs - b.appendedMs);
    onReady();
    const follow = { topics: PUBLIC_TOPICS, from: listOf(this.#next), follow: true, signal };
    for await (const records of log.scan(follow)) await this.#take(records);
  }

  /** Text of where the tail is; the `id:` of what was sent last. */
  get position(): string {
    return encodePositions(this.#next);
  }

  /** What a client gets first: what came after `from`, or the newest lines without it. */
  since(from: Positions | null): Feed {
    const newer = this.#lines.filter(({ topic, partition, offset }) => {
      const at = from && offsetAt(from, topic, partition);
      return at === null || at === undefined || offset >= at;
    });
    const items = newer.slice(-TAIL_BOUNDS.lines_sent_max).map(({ item }) => item);
    const forgotten = from === null ? 0 : this.#forgottenSince(from);
    return { items, skipped: from === null ? 0 : newer.length - items.length + forgotten };
  }

  /** How long no record has come, of wall-clock time. */
  quietMs(wallMs: number): number {
    return wallMs - this.#heardAtMs;
  }

  /** What came since this was asked last. */
  takeNew(): Feed | null {
    if (this.#pending.length === 0) return null;
    const items = this.#pending.slice(-TAIL_BOUNDS.lines_sent_max);
    const skipped = this.#pending.length - items.length + this.#lost;
    this.#pending = [];
    this.#lost = 0;
    return { items, skipped };
  }

  /** Records, not lines: what they were is not known any more. */
  #forgottenSince(from: Positions): number {
    return listOf(this.#since).reduce((sum, { topic, partition, offset }) => {
      const at = offsetAt(from, topic, partition);
      return at === undefined ? sum : sum + Math.max(0, offset - at);
    }, 0);
  }

  async #take(records: readonly LogRecord[]): Promise<void> {
    // Bodies of what is not shown, the words of calls above all, are not even read.
    const shown = records.filter(({ headers }) => isShown(typeOf(headers.ce_type)));
    const lines: Line[] = [];
    for await (const portion of this.#service.read(shown))
      for (const { event, record } of portion) lines.push({ ...placeOf(record), item: feedItemOf(event) });
    // In one step: no client may be given a position without what is before it.
    this.#next = advanced(this.#next, records.map(after));
    this.#heardAtMs = this.#service.clock.wall();
    this.#lines.push(...lines);
    this.#pending.push(...lines.map(({ item }) => item));
    const forgotten = this.#lines.splice(0, Math.max(0, this.#lines.length - TAIL_BOUNDS.lines_kept_max));
    if (forgotten.length > 0) this.#since = advanced(this.#since, forgotten.map(after));
    this.#lost += this.#pending.splice(0, Math.max(0, this.#pending.length - TAIL_BOUNDS.lines_kept_max)).length;
  }
}

const placeOf = ({ topic, partition, offset, timestampMs }: LogRecord) => ({
  topic,
  partition,
  offset,
  appendedMs: timestampMs,
});

const after = <P extends Position>({ topic, partition, offset }: P): Position => ({
  topic,
  partition,
  offset: offset + 1,
});

function typeOf(header: Uint8Array | undefined): string {
  try {
    return headerText(header) ?? '';
  } catch {
    return '';
  }
}

/** Every event of the log once, with where it came first; and what readers rely on in the order of its records. */
import { type CloudEvent, DEAD_LETTER_TYPE, type DeadLetter } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import { eventOf, type Reader } from '@coachloop/runtime';
import type { World } from '../world.ts';

export interface Seen {
  readonly event: CloudEvent;
  readonly record: LogRecord;
}

const identity = (source: string, id: string): string => `${source}\u001f${id}`;
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

export class LogIndex {
  /** By topic, in the order of each partition. */
  readonly topics = new Map<string, Seen[]>();
  readonly byIdentity = new Map<string, Seen>();
  /** What each document has published, by its number; the kernel's own topics are left out. */
  readonly bySource = new Map<string, Map<number, Seen>>();
  /** Documents and messages that were parked once: order is not promised for those. */
  readonly parked = new Map<string, Set<string>>();
  /** What nobody can read: its consumers have parked it. */
  readonly unread: LogRecord[] = [];
  /** Ids of the events by which letters are replayed. */
  readonly replays = new Set<string>();
  readonly violations: string[] = [];

  constructor(world: World) {
    for (const [lane, records] of world.log.records) {
      const reached = new Map<string, number>();
      for (const record of records) {
        const seen = readRecord(record, world.reader);
        if (!seen) this.unread.push(record);
        else if (lane.includes('.retry/')) this.replays.add(seen.event.id);
        else this.#take(seen, reached);
      }
    }
  }

  #take(seen: Seen, reached: Map<string, number>): void {
    const { event, record } = seen;
    const name = identity(event.source, event.id);
    this.#checkOrder(seen, name, reached);
    if (event.type === DEAD_LETTER_TYPE) this.#park(event.data as DeadLetter);
    if (this.byIdentity.has(name)) return;
    this.byIdentity.set(name, seen);
    const list = this.topics.get(record.topic);
    if (list) list.push(seen);
    else this.topics.set(record.topic, [seen]);
    if (event.born === 0 || record.topic.includes('.')) return;
    const published = this.bySource.get(event.source) ?? new Map<number, Seen>();
    this.bySource.set(event.source, published.set(event.seq, seen));
  }

  /** First occurrences of a stream come with rising numbers, and a number is always the same event. */
  #checkOrder({ event, record }: Seen, name: string, reached: Map<string, number>): void {
    if (event.born === 0) return;
    const before = reached.get(event.stream) ?? 0;
    const known = this.byIdentity.get(name);
    if (!known && event.seq <= before)
      this.violations.push(
        `log-order: ${event.type} ${event.id} comes first after #${before} of its stream, as #${event.seq}`,
      );
    if (known && known.event.seq !== event.seq)
      this.violations.push(
        `log-number: ${event.id} is #${known.event.seq} and #${event.seq} at ${record.topic}/${record.offset}`,
      );
    reached.set(event.stream, Math.max(before, event.seq));
  }

  #park({ collection, aggregate, origin, record }: DeadLetter): void {
    const headers = record.headers;
    const of = (header: string) => Buffer.from(headers[header] ?? '', 'base64').toString();
    const message = origin
      ? identity(of('ce_source'), of('ce_id'))
      : (JSON.parse(Buffer.from(record.value ?? '', 'base64').toString()) as { id: string }).id;
    const document = `${collection}/${aggregate}`;
    const set = this.parked.get(document) ?? new Set();
    this.parked.set(document, set.add(message));
  }
}

function readRecord(record: LogRecord, reader: Reader): Seen | null {
  try {
    const envelope = reader.envelopeOf(record);
    return { event: eventOf(envelope, reader.dataOf(envelope, new Map())), record };
  } catch {
    return null;
  }
}

export { identity, text };

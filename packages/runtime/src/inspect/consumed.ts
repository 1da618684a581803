/** That each event a group has committed was handled by each aggregate it is for: it is at or below the watermark there. */
import type { DocumentStore } from '@coachloop/document-store';
import type { LogRecord } from '@coachloop/event-log';
import { decodeRecords, slices } from '../consumer.ts';
import { Decoder } from '../decode.ts';
import type { Target } from '../definition.ts';
import { type Body, type Document, INBOX_COLLECTION, newDocument } from '../document.ts';
import { RuntimeError } from '../errors.ts';
import { MARK_KEEP_MS, markIdOf, type StreamIdentity } from '../inbox.ts';
import type { Inspected, InspectOptions } from '../inspect.ts';
import type { Input } from '../work.ts';
import type { Report } from './report.ts';

/** Inboxes that are remembered: they were read after the offsets, and only grow. */
const REMEMBERED_MAX = 20_000;

export async function checkConsumed(options: InspectOptions, service: Inspected, report: Report): Promise<void> {
  const { log, store } = options;
  const { name } = service.definition;
  report.step(`what ${name} has handled`);
  const decoder = new Decoder(
    service.definition,
    service.aggregates.map(({ collection }) => collection),
  );
  const committed = new Map(service.committed.map((p) => [`${p.topic}/${p.partition}`, p.offset]));
  const inboxes = new Inboxes(store, service);
  for await (const records of log.scan({ topics: service.topics, from: 'start' })) {
    const handled = records.filter((r) => r.offset < (committed.get(`${r.topic}/${r.partition}`) ?? 0));
    for (const slice of slices(handled)) {
      const inputs = (await decodable(decoder, store, slice)).filter(isOrdinary);
      const missing = await inboxes.missing(inputs, options.clock.now());
      // Parked before it could be read, and readable since: the letter is open, or discarded.
      const unread = missing.map((input) => decoder.unreadable(recordOf(input), { code: '', message: '' }));
      const neither = new Set(await inboxes.missing(unread, options.clock.now()));
      missing.forEach((input, i) => {
        if (!neither.has(unread[i] as Input)) return;
        const { topic, partition, offset } = recordOf(input);
        const { collection, id } = input.target;
        report.violation(
          'event-lost',
          `${name}/${collection}/${id}`,
          `${input.message.id} at ${topic}/${partition}/${offset}`,
        );
      });
    }
    report.read('events', records.length, true);
  }
}

/** A replay runs only where a hole is open: it leaves no trace of its own. */
const isOrdinary = ({ identity }: Input): boolean => identity.kind === 'stream' && !identity.replay;

function recordOf({ origin }: Input): LogRecord {
  if (origin && 'record' in origin) return origin.record;
  throw new Error('An input that was decoded has its record.');
}

/** A payload that is not there was reported; the other records can be looked at all the same. */
async function decodable(decoder: Decoder, store: DocumentStore, records: readonly LogRecord[]) {
  try {
    return await decodeRecords(decoder, store, records);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const [first] = records;
    if (records.length <= 1 || !first) return [];
    const half = records.length >> 1;
    const parts: (readonly Input[])[] = [];
    for (const part of [records.slice(0, half), records.slice(half)]) parts.push(await decodable(decoder, store, part));
    return parts.flat();
  }
}

class Inboxes {
  readonly #store: DocumentStore;
  readonly #service: Inspected;
  readonly #known = new Map<string, Document>();

  constructor(store: DocumentStore, service: Inspected) {
    this.#store = store;
    this.#service = service;
  }

  /** Those of the inputs that their aggregates have not handled. */
  async missing(inputs: readonly Input[], now: number): Promise<readonly Input[]> {
    await this.#read(inputs.map(({ target }) => target));
    const notHot = inputs.filter((input) => !this.#isHot(input));
    const ids = notHot.map((input) =>
      markIdOf(input.target.collection, this.#document(input), identityOf(input).stream),
    );
    const marks = ids.length === 0 ? [] : await this.#store.marks(INBOX_COLLECTION, ids);
    return notHot.filter((input, i) => {
      const { seq, born } = identityOf(input);
      const expired = born > 0 && born + MARK_KEEP_MS < now;
      return !expired && (marks[i]?.seq ?? 0) < seq;
    });
  }

  async #read(targets: readonly Target[]): Promise<void> {
    if (this.#known.size > REMEMBERED_MAX) this.#known.clear();
    const unknown = targets.filter((target) => !this.#known.has(nameOf(target)));
    for (const [collection, list] of Map.groupBy(unknown, (target) => target.collection)) {
      const ids = [...new Set(list.map(({ id }) => id))];
      const found = await this.#store.load(collection, ids);
      const aggregate = this.#service.aggregates.find((each) => each.collection === collection);
      ids.forEach((id, i) => {
        const stored = found[i];
        if (stored) this.#known.set(nameOf({ collection, id }), { ...stored, body: inboxOf(stored.body) });
        else if (aggregate) this.#known.set(nameOf({ collection, id }), newDocument(aggregate, id, 0, '0'));
      });
    }
  }

  #document({ target }: Input): Document {
    const document = this.#known.get(nameOf(target));
    if (!document) throw new Error(`${nameOf(target)} was not read.`);
    return document;
  }

  #isHot(input: Input): boolean {
    const { stream, seq } = identityOf(input);
    return this.#document(input).body.inbox.some((entry) => entry.stream === stream && entry.seq >= seq);
  }
}

const nameOf = ({ collection, id }: Target): string => `${collection}/${id}`;
const identityOf = (input: Input): StreamIdentity => input.identity as StreamIdentity;
/** What else a document holds need not be remembered. */
const inboxOf = (body: unknown): Body => ({
  ...(body as Body),
  inbox: (body as Body).inbox ?? [], // as stored: perhaps there is none
  state: null,
  outbox: [],
  keys: [],
});

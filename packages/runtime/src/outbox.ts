/**
 * The outbox relay. What a document still has to say is published from its first entry that this process does not know to
 * be acknowledged; number n + 1 never before n is. Whoever is unsure publishes again: readers tell repetitions apart. An entry
 * leaves the document after its acknowledgement, with the document's next write or by a flush here, up to that number and
 * never "all", because somebody else may have added to it meanwhile.
 */
import { toHeaders } from '@coachloop/contracts';
import type { DocumentStore, StoredDocument } from '@coachloop/document-store';
import { type EventLog, LOG_BOUNDS, type NewRecord } from '@coachloop/event-log';
import { type Body, type Document, OUTBOX_INDEX, type OutboxEntry, toStored } from './document.ts';
import { streamOf } from './inbox.ts';
import { textOf } from './payloads.ts';

/** How many documents' acknowledgements are remembered; forgetting one means a repetition in the log, no more. */
const ACKED_MAX = 50_000;
const SEND_RECORDS_MAX = 2_000;
const SEND_BYTES_MAX = Math.floor(LOG_BOUNDS.append_bytes_max / 4);
const FLUSH_DOCUMENTS_MAX = 500;

const encoder = new TextEncoder();

export class OutboxRelay {
  readonly #service: string;
  readonly #era: string;
  readonly #log: EventLog;
  readonly #store: DocumentStore;
  readonly #acked = new Map<string, number>();
  /** Documents as they were last saved here, whose acknowledged entries wait to be taken out. */
  readonly #toFlush = new Map<string, { collection: string; document: Document }>();

  constructor(options: { service: string; era: string; log: EventLog; store: DocumentStore }) {
    this.#service = options.service;
    this.#era = options.era;
    this.#log = options.log;
    this.#store = options.store;
  }

  /** Up to which number the document's outputs are known to be in the log. */
  acked(collection: string, id: string): number {
    return this.#acked.get(`${collection}/${id}`) ?? 0;
  }

  get waitingForFlush(): number {
    return this.#toFlush.size;
  }

  /** Publishes what these documents still have to say: one append per 2,000 records. Rejects when unsure; then call again. */
  async publish(documents: readonly { collection: string; document: Document }[]): Promise<number> {
    let records: NewRecord[] = [];
    let bytes = 0;
    let count = 0;
    const reached = new Map<string, number>();
    const send = async () => {
      if (records.length === 0) return;
      await this.#log.append(records);
      count += records.length;
      for (const [name, n] of reached) this.#acknowledge(name, n);
      records = [];
      bytes = 0;
      reached.clear();
    };
    for (const { collection, document } of documents) {
      const name = `${collection}/${document.id}`;
      const acked = this.acked(collection, document.id);
      for (const entry of document.body.outbox) {
        if (entry.n <= acked) continue;
        const record = this.#record(name, document.body.born, entry);
        records.push(record);
        bytes += record.value?.byteLength ?? 0;
        reached.set(name, entry.n);
        if (records.length >= SEND_RECORDS_MAX || bytes >= SEND_BYTES_MAX) await send();
      }
    }
    await send();
    for (const { collection, document } of documents)
      if (document.body.outbox.length > 0) this.#toFlush.set(`${collection}/${document.id}`, { collection, document });
    return count;
  }

  /** Takes acknowledged entries out of documents that nobody has written since: one bulk per collection. */
  async flush(): Promise<void> {
    const batch = [...this.#toFlush.entries()].slice(0, FLUSH_DOCUMENTS_MAX);
    const byCollection = Map.groupBy(batch, ([, { collection }]) => collection);
    for (const [name] of batch) this.#toFlush.delete(name);
    await Promise.all(
      [...byCollection].map(async ([collection, items]) => {
        const writes = items.flatMap(([, { document }]) => {
          const acked = this.acked(collection, document.id);
          const outbox = document.body.outbox.filter((entry) => entry.n > acked);
          if (outbox.length === document.body.outbox.length) return [];
          const outboxSince = outbox.length === 0 ? null : document.body.outboxSince;
          const flushed = {
            ...document,
            version: document.version + 1,
            body: { ...document.body, outbox, outboxSince },
          };
          return [{ expectedVersion: document.version, document: toStored(flushed) }];
        });
        // A lost guard means that somebody wrote the document since, and took the entries out, or will: nothing to do.
        if (writes.length > 0) await this.#store.save(collection, writes);
      }),
    );
  }

  /** Publishes documents whose outbox has waited since before `beforeWall`: always safe, whoever else does. */
  async sweep(collection: string, beforeWall: number, limit = 200): Promise<number> {
    const page = await this.#store.query(collection, { index: OUTBOX_INDEX, range: { to: beforeWall }, limit });
    const documents = page.documents.map((stored) => ({ collection, document: kernelDocument(stored) }));
    const published = await this.publish(documents);
    await this.flush();
    return published;
  }

  #acknowledge(name: string, n: number): void {
    const known = this.#acked.get(name) ?? 0;
    this.#acked.delete(name); // re-inserted at the end: the map is in order of use
    this.#acked.set(name, Math.max(known, n));
    if (this.#acked.size > ACKED_MAX) {
      const oldest = this.#acked.keys().next().value;
      if (oldest !== undefined) this.#acked.delete(oldest);
    }
  }

  #record(name: string, born: number, entry: OutboxEntry): NewRecord {
    const source = `/${this.#service}/${name}`;
    return {
      topic: entry.topic,
      key: entry.key,
      headers: toHeaders({
        ...entry,
        source,
        stream: streamOf(source, entry.topic, entry.key, this.#era),
        seq: entry.n,
        born,
      }),
      value: encoder.encode(entry.dataref === undefined ? textOf(entry) : 'null'),
    };
  }
}

/** The kernel's part of a document, as it is: publishing needs no upcast of the state. */
const kernelDocument = (stored: StoredDocument): Document => ({ ...stored, body: stored.body as unknown as Body });

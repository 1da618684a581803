/**
 * The outbox relay. What a document still has to say is published from its first entry that this process does not know to
 * be acknowledged; number n + 1 never before n is. Whoever is unsure publishes again: readers tell repetitions apart. An entry
 * leaves the document after its acknowledgement, with the document's next write or by a flush here, up to that number and
 * never "all", because somebody else may have added to it meanwhile.
 */
import { toHeaders } from '@coachloop/contracts';
import type { DocumentStore, Query, StoredDocument, Write } from '@coachloop/document-store';
import { type EventLog, LOG_BOUNDS, type NewRecord } from '@coachloop/event-log';
import { inHalves } from './bulk.ts';
import { type Body, type Document, OUTBOX_INDEX, type OutboxEntry, toStored } from './document.ts';
import { streamOf } from './inbox.ts';
import { textOf } from './payloads.ts';

/** How many documents' acknowledgements are remembered; forgetting one means a repetition in the log, no more. */
const ACKED_MAX = 50_000;
const SEND_RECORDS_MAX = 2_000;
const SEND_BYTES_MAX = Math.floor(LOG_BOUNDS.append_bytes_max / 4);
const FLUSH_DOCUMENTS_MAX = 500;
/** More than this many documents do not wait for a quiet moment: they are held in memory. */
const FLUSH_WAITING_MAX = 2_000;
const SWEEP_DOCUMENTS = 200;

interface Published {
  readonly collection: string;
  readonly document: Document;
}

export class OutboxRelay {
  readonly #service: string;
  readonly #era: string;
  readonly #log: EventLog;
  readonly #store: DocumentStore;
  /** By name, in order of use. `born` tells a document that was removed for good and made again from the one before. */
  readonly #acked = new Map<string, { readonly born: number; readonly n: number }>();
  /** Documents as they were last saved here, whose acknowledged entries wait to be taken out; longest at rest first. */
  readonly #toFlush = new Map<string, Published & { readonly sinceMs: number }>();

  constructor(options: { service: string; era: string; log: EventLog; store: DocumentStore }) {
    this.#service = options.service;
    this.#era = options.era;
    this.#log = options.log;
    this.#store = options.store;
  }

  /** Up to which number the document's outputs are known to be in the log. */
  acked(collection: string, { id, body }: Document): number {
    const known = this.#acked.get(`${collection}/${id}`);
    return known?.born === body.born ? known.n : 0;
  }

  /** Publishes what these documents still have to say: one append per 2,000 records. Rejects when unsure; then call again. */
  async publish(documents: readonly Published[], wallMs: number): Promise<number> {
    let records: NewRecord[] = [];
    let bytes = 0;
    let count = 0;
    const reached = new Map<string, { born: number; n: number }>();
    const send = async () => {
      if (records.length === 0) return;
      await this.#log.append(records);
      count += records.length;
      for (const [name, known] of reached) this.#acknowledge(name, known);
      records = [];
      bytes = 0;
      reached.clear();
    };
    for (const { collection, document } of documents) {
      const { outbox, born } = document.body;
      if (outbox.length === 0) continue;
      const name = `${collection}/${document.id}`;
      const from = Math.max(this.acked(collection, document), reached.get(name)?.n ?? 0);
      for (const entry of outbox) {
        if (entry.n <= from) continue;
        const record = this.#record(name, born, entry);
        records.push(record);
        bytes += record.value?.byteLength ?? 0;
        reached.set(name, { born, n: entry.n });
        if (records.length >= SEND_RECORDS_MAX || bytes >= SEND_BYTES_MAX) await send();
      }
    }
    await send();
    for (const each of documents) this.#flushLater(each, wallMs);
    return count;
  }

  /**
   * Takes acknowledged entries out of documents that nobody has written since `beforeMs`: a document that is being written takes
   * them out by itself. One bulk per collection; returns how many documents were looked at.
   */
  async flush(beforeMs: number): Promise<number> {
    const batch: Published[] = [];
    for (const [name, each] of this.#toFlush) {
      if (batch.length >= FLUSH_DOCUMENTS_MAX) break;
      // Not the end of what is due: the wall clock may have been set back.
      if (each.sinceMs > beforeMs && this.#toFlush.size <= FLUSH_WAITING_MAX) continue;
      batch.push(each);
      this.#toFlush.delete(name);
    }
    await Promise.all(
      [...Map.groupBy(batch, ({ collection }) => collection)].map(async ([collection, list]) => {
        const writes = list.flatMap(({ document }) => flushed(document, this.acked(collection, document)));
        // A lost guard means that somebody else wrote the document since, and took the entries out, or will. Whatever
        // else goes wrong, the sweeper meets the document again.
        await inHalves(writes, (part) => this.#store.save(collection, part));
      }),
    );
    return batch.length;
  }

  /**
   * Publishes documents whose outbox has waited for `waitedMs` by this process's wall clock, always safe, whoever else does. Those that wait
   * since a moment that is `waitedMs` ahead of it are published too: whoever saved them has another clock, and nobody knows for how long.
   */
  async sweep(collection: string, nowMs: number, waitedMs: number, signal: AbortSignal): Promise<void> {
    const beforeMs = nowMs - waitedMs;
    for (const range of [{ to: beforeMs }, { from: nowMs + waitedMs }])
      await this.#sweep(collection, range, beforeMs, signal);
  }

  async #sweep(
    collection: string,
    range: NonNullable<Query['range']>,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#store.query(collection, {
        index: OUTBOX_INDEX,
        range,
        limit: SWEEP_DOCUMENTS,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const documents = page.documents.map((stored) => ({ collection, document: kernelDocument(stored) }));
      await this.publish(documents, beforeMs);
      while (this.#toFlush.size > FLUSH_WAITING_MAX && !signal.aborted) await this.flush(beforeMs);
      cursor = page.next;
    } while (cursor !== undefined && !signal.aborted);
  }

  #flushLater(each: Published, sinceMs: number): void {
    const { document } = each;
    const name = `${each.collection}/${document.id}`;
    const known = this.#toFlush.get(name)?.document;
    // A sweep may have read it before it was written here once more.
    if (known && known.body.born === document.body.born && known.version > document.version) return;
    this.#toFlush.delete(name); // re-inserted at the end: the map is in order of time
    if (each.document.body.outbox.length > 0) this.#toFlush.set(name, { ...each, sinceMs });
  }

  #acknowledge(name: string, reached: { born: number; n: number }): void {
    const known = this.#acked.get(name);
    this.#acked.delete(name);
    this.#acked.set(name, known && known.born === reached.born && known.n > reached.n ? known : reached);
    if (this.#acked.size > ACKED_MAX) {
      const oldest = this.#acked.keys().next().value;
      if (oldest !== undefined) this.#acked.delete(oldest);
    }
  }

  #record(name: string, born: number, entry: OutboxEntry): NewRecord {
    const source = `/${this.#service}/${name}`;
    const { topic, key } = entry;
    const stream = streamOf(source, topic, key, this.#era);
    return {
      topic,
      key,
      headers: toHeaders({ ...entry, source, stream, seq: entry.n, born }),
      value: Buffer.from(entry.dataref === undefined ? textOf(entry) : 'null'),
    };
  }
}

function flushed(document: Document, acked: number): readonly Write[] {
  const { body, version } = document;
  const outbox = body.outbox.filter((entry) => entry.n > acked);
  if (outbox.length === body.outbox.length) return [];
  const outboxSince = outbox.length === 0 ? null : body.outboxSince;
  const next = { ...document, version: version + 1, body: { ...body, outbox, outboxSince } };
  return [{ expectedVersion: version, document: toStored(next) }];
}

/** The kernel's part of a document, as it is: publishing needs no upcast of the state. */
const kernelDocument = (stored: StoredDocument): Document => ({ ...stored, body: stored.body as unknown as Body });

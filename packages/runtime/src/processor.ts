/**
 * How a batch is handled, whoever brings it (a partition, HTTP, timers):
 *
 *     group by aggregate → load → run → save (bulk, guarded) → publish
 *
 * A save that is not certainly won is decided by loading again: the inbox says whether it happened. Nothing of an attempt
 * that is not saved is ever published.
 */
import type { DocumentStore, Mark, Verdict } from '@coachloop/document-store';
import type { Aggregate, Clock } from './definition.ts';
import { type Document, INBOX_COLLECTION, newDocument, type OutboxEntry, readDocument, toStored } from './document.ts';
import type { Faults } from './faults.ts';
import { marksToLookUp } from './inbox.ts';
import type { OutboxRelay } from './outbox.ts';
import { isLarge, putPayloads, textOf } from './payloads.ts';
import type { Handled } from './trace.ts';
import { FirstFailure, type Input, type Ran, Work, type WorkContext } from './work.ts';

export interface ProcessorOptions {
  readonly service: string;
  readonly store: DocumentStore;
  readonly relay: OutboxRelay;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly aggregates: ReadonlyMap<string, Aggregate<never>>;
  readonly topicOf: (type: string) => string | undefined;
  readonly onHandled?: (handled: readonly Handled[]) => void;
}

/** One aggregate's share of a batch. */
interface Group {
  readonly collection: string;
  readonly aggregate: Aggregate<never>;
  readonly id: string;
  readonly inputs: readonly Input[];
}

interface Done {
  readonly collection: string;
  readonly document: Document;
}

export class Processor {
  readonly #o: ProcessorOptions;

  constructor(options: ProcessorOptions) {
    this.#o = options;
  }

  /**
   * Handles and saves; what is to be published is returned, also of documents whose messages were all repetitions: the
   * process that saved them may have died before it published.
   * @param settle called for each input as soon as its document is saved (or nothing had to be).
   */
  async handle(inputs: readonly Input[], settle?: (ran: Ran) => void): Promise<readonly Done[]> {
    let pending = groups(inputs, this.#o.aggregates);
    const done: Done[] = [];
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      const attempted = await this.#attempt(pending);
      for (const { group, work, document, saved } of attempted) {
        if (!saved || !work) continue;
        done.push({ collection: group.collection, document });
        for (const ran of work.ran) settle?.(ran);
      }
      pending = attempted.filter(({ saved }) => !saved).map(({ group }) => group);
      // Others are writing the same documents: a short, growing, bounded wait keeps many instances from turning in step.
      if (pending.length > 0 && attempt > 3) await this.#o.clock.sleep(Math.min(250, 2 ** attempt));
    }
    await this.#o.faults.reached('saved', this.#o.service);
    return done;
  }

  async #attempt(pending: readonly Group[]) {
    const startMs = this.#o.clock.wall();
    const loaded = await this.#load(pending);
    await this.#o.faults.reached('loaded', this.#o.service);
    const marks = await this.#lookUp(pending, loaded);
    const context: WorkContext = {
      service: this.#o.service,
      topicOf: this.#o.topicOf,
      now: this.#o.clock.now(),
      wall: startMs,
      fails: (cause) => this.#o.faults.fails(cause),
    };
    const worked = pending.map((group, i) => {
      const document = loaded[i] as Document;
      const work = new Work(context, group.aggregate, document, marks, this.#o.relay.acked(group.collection, group.id));
      try {
        work.run(group.inputs);
        return { group, work, document };
      } catch (error) {
        if (error instanceof FirstFailure) return { group, work: null, document };
        throw error;
      }
    });
    const results = await this.#externalize(worked.map(({ work }) => work?.result ?? null));
    const verdicts = await this.#save(worked, results);
    const result = worked.map((w, i) => ({
      ...w,
      document: results[i] ?? w.document,
      saved: verdicts[i] === 'won',
    }));
    this.#report(
      result.flatMap((r) => (r.saved && r.work ? r.work.ran : [])),
      startMs,
    );
    return result;
  }

  /** One load per collection, side by side. */
  async #load(pending: readonly Group[]): Promise<readonly Document[]> {
    const now = this.#o.clock.now();
    const found = new Map<Group, Document>();
    await Promise.all(
      [...Map.groupBy(pending, (group) => group.collection)].map(async ([collection, list]) => {
        const stored = await this.#o.store.load(
          collection,
          list.map((group) => group.id),
        );
        list.forEach((group, i) => {
          const document = stored[i];
          const lane = group.inputs[0]?.lane ?? '0';
          found.set(
            group,
            document ? readDocument(group.aggregate, document) : newDocument(group.aggregate, group.id, now, lane),
          );
        });
      }),
    );
    return pending.map((group) => found.get(group) as Document);
  }

  /** Spilled inbox entries, after the load: before it, one could be spilled unseen in between. One round trip, or none. */
  async #lookUp(pending: readonly Group[], loaded: readonly Document[]): Promise<ReadonlyMap<string, number>> {
    const ids = new Set<string>();
    pending.forEach((group, i) => {
      for (const { identity } of group.inputs)
        if (identity.kind === 'stream')
          for (const id of marksToLookUp(group.collection, loaded[i] as Document, identity)) ids.add(id);
    });
    if (ids.size === 0) return new Map();
    const list = [...ids];
    const marks = await this.#o.store.marks(INBOX_COLLECTION, list);
    return new Map(marks.flatMap((mark: Mark | undefined) => (mark ? [[mark.id, mark.seq] as const] : [])));
  }

  /** Evicted marks, then the documents: what a document relies on is there before it. */
  async #save(
    worked: readonly { group: Group; work: Work | null; document: Document }[],
    results: readonly (Document | null)[],
  ): Promise<readonly Verdict[]> {
    const marks = worked.flatMap(({ work }) => work?.evicted ?? []);
    if (marks.length > 0) await this.#o.store.raise(INBOX_COLLECTION, marks);
    // A transition that threw for the first time has no verdict yet; a document in which nothing changed needs no write.
    const verdicts: Verdict[] = worked.map(({ work }) => (work ? 'won' : 'lost'));
    const dirty = worked.map((w, i) => ({ ...w, i, result: results[i] })).filter(({ result }) => result);
    await Promise.all(
      [...Map.groupBy(dirty, ({ group }) => group.collection)].map(async ([collection, list]) => {
        const writes = list.map(({ document, result }) => ({
          expectedVersion: document.version,
          document: toStored(result as Document),
        }));
        const answer = await this.#o.store.save(collection, writes);
        list.forEach(({ i }, k) => {
          verdicts[i] = answer[k] ?? 'unknown';
        });
      }),
    );
    return verdicts;
  }

  /** Replaces large payloads in the outbox by references to them. */
  async #externalize(results: readonly (Document | null)[]): Promise<readonly (Document | null)[]> {
    const isNew = (entry: OutboxEntry) => entry.dataref === undefined && isLarge(textOf(entry));
    const large = results.flatMap((document) => document?.body.outbox.filter(isNew) ?? []);
    if (large.length === 0) return results;
    const refs = await putPayloads(this.#o.store, large.map(textOf));
    const refOf = new Map(large.map((entry, i) => [entry, refs[i] as string]));
    return results.map((document) => {
      if (!document?.body.outbox.some((entry) => refOf.has(entry))) return document;
      const outbox = document.body.outbox.map((entry) => {
        const dataref = refOf.get(entry);
        return dataref === undefined ? entry : { ...entry, data: null, dataref };
      });
      return { ...document, body: { ...document.body, outbox } };
    });
  }

  #report(ran: readonly Ran[], startMs: number): void {
    if (!this.#o.onHandled || ran.length === 0) return;
    const endMs = this.#o.clock.wall();
    this.#o.onHandled(
      ran.flatMap(({ input, span, outcome }) =>
        span && (outcome.status === 'done' || outcome.status === 'parked')
          ? [
              {
                span,
                type: input.message.type,
                collection: input.target.collection,
                aggregate: input.target.id,
                startMs,
                endMs,
                status: outcome.status,
              },
            ]
          : [],
      ),
    );
  }
}

/** In the order of the batch within each aggregate. */
function groups(inputs: readonly Input[], aggregates: ReadonlyMap<string, Aggregate<never>>): readonly Group[] {
  const byTarget = Map.groupBy(inputs, ({ target }) => `${target.collection}/${target.id}`);
  return [...byTarget.values()].map((list) => {
    const { collection, id } = (list[0] as Input).target;
    const aggregate = aggregates.get(collection);
    if (!aggregate) throw new Error(`No aggregate is declared for the collection ${collection}.`);
    return { collection, aggregate, id, inputs: list };
  });
}

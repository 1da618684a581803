/**
 * How a batch is handled, whoever brings it (a partition, HTTP, timers):
 *
 *     group by aggregate → load → run → save (bulk, guarded) → publish
 *
 * A save that is not certainly won is decided by loading again: the inbox says whether it happened. Nothing of an attempt
 * that is not saved is ever published.
 */
import { PARTITIONS } from '@coachloop/contracts';
import { type DocumentStore, type Mark, StoreError, type Verdict } from '@coachloop/document-store';
import { inHalves } from './bulk.ts';
import type { Aggregate, Clock } from './definition.ts';
import { type Document, INBOX_COLLECTION, newDocument, type OutboxEntry, readDocument, toStored } from './document.ts';
import { RuntimeError } from './errors.ts';
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
  /** What follows for the same aggregate, when this had to be cut. */
  readonly rest?: Group;
}

export interface Saved {
  readonly collection: string;
  readonly document: Document;
}

/** What could not be handled now, while the rest of the batch was: holes full, a shape that this release cannot read. */
export interface Failed {
  readonly inputs: readonly Input[];
  readonly error: unknown;
}

export interface Result {
  /** To be published, also where all messages were repetitions: the process that saved them may have died before it published. */
  readonly saved: readonly Saved[];
  readonly failed: readonly Failed[];
}

/** What one attempt made of one group. */
type Attempted = { readonly group: Group } & (
  | { readonly document: Document; readonly work: Work }
  | { readonly error: unknown }
);

/** How often a save may be lost or unclear before it is called a stall. */
const ATTEMPTS_MAX = 12;

export class Processor {
  readonly #o: ProcessorOptions;

  constructor(options: ProcessorOptions) {
    this.#o = options;
  }

  /**
   * Handles and saves. Rejects when the store is away: then call again with the same, the inboxes know what was done.
   * @param settle called for each input as soon as its document is saved (or nothing had to be).
   */
  async handle(inputs: readonly Input[], settle?: (ran: Ran) => void): Promise<Result> {
    if (inputs.length === 0) return { saved: [], failed: [] };
    let pending = groups(inputs, this.#o.aggregates);
    const saved: Saved[] = [];
    const failed: Failed[] = [];
    const lost = new Map<string, number>();
    while (pending.length > 0) {
      const attempted = await this.#attempt(pending);
      let mostLost = 0;
      pending = [];
      for (const each of attempted) {
        const { group } = each;
        if ('error' in each) {
          const name = `${group.collection}/${group.id}`;
          if (each.error instanceof NotWon) lost.set(name, (lost.get(name) ?? 0) + 1);
          const timesLost = lost.get(name) ?? 0;
          mostLost = Math.max(mostLost, timesLost);
          const again = afterError(group, each.error, timesLost);
          if (again) pending.push(again);
          else failed.push({ inputs: inputsOf(group), error: each.error });
          continue;
        }
        saved.push({ collection: group.collection, document: each.document });
        for (const ran of each.work.ran) settle?.(ran);
        if (group.rest) pending.push(group.rest);
      }
      if (mostLost > 3) await this.#o.clock.sleep(standBackMs(mostLost, pending[0]));
    }
    await this.#o.faults.reached('saved', this.#o.service);
    return { saved, failed };
  }

  async #attempt(pending: readonly Group[]): Promise<readonly Attempted[]> {
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
    const worked = pending.map((group, i) => this.#run(context, group, loaded[i], marks));
    const attempted = await this.#save(worked, await this.#results(worked));
    this.#report(attempted, startMs);
    return attempted;
  }

  #run(context: WorkContext, group: Group, loaded: Document | Error | undefined, marks: ReadonlyMap<string, number>) {
    if (!loaded || loaded instanceof Error) return { group, error: loaded };
    const acked = this.#o.relay.acked(group.collection, loaded);
    const work = new Work(context, group.aggregate, loaded, marks, acked);
    try {
      work.run(group.inputs);
      return { group, work, document: loaded };
    } catch (error) {
      return { group, error };
    }
  }

  /** One load per collection, side by side. What cannot be loaded or read is an error of its group alone. */
  async #load(pending: readonly Group[]): Promise<readonly (Document | Error | undefined)[]> {
    const now = this.#o.clock.now();
    const found = new Map<Group, Document | Error>();
    await Promise.all(
      [...Map.groupBy(pending, (group) => group.collection)].map(async ([collection, list]) => {
        const ids = list.map((group) => group.id);
        const stored = await inHalves(ids, (part) => this.#o.store.load(collection, part));
        list.forEach((group, i) => {
          const document = stored[i];
          const lane = group.inputs[0]?.lane ?? '0';
          if (document === undefined) found.set(group, newDocument(group.aggregate, group.id, now, lane));
          else found.set(group, document instanceof Error ? document : readOrError(group.aggregate, document));
        });
      }),
    );
    return pending.map((group) => found.get(group));
  }

  /** Spilled inbox entries, after the load: before it, one could be spilled unseen in between. One round trip, or none. */
  async #lookUp(
    pending: readonly Group[],
    loaded: readonly (Document | Error | undefined)[],
  ): Promise<ReadonlyMap<string, number>> {
    const ids = new Set<string>();
    pending.forEach(({ collection, inputs }, i) => {
      const document = loaded[i];
      if (!document || document instanceof Error) return;
      for (const { identity } of inputs)
        if (identity.kind === 'stream') for (const id of marksToLookUp(collection, document, identity)) ids.add(id);
    });
    const found = await inHalves([...ids], (part) => this.#o.store.marks(INBOX_COLLECTION, part));
    return new Map(
      found.map(orThrow).flatMap((mark: Mark | undefined) => (mark ? [[mark.id, mark.seq] as const] : [])),
    );
  }

  /** Evicted marks, then the documents: what a document relies on is there before it. */
  async #save(worked: readonly Attempted[], results: ReadonlyMap<Attempted, Document>): Promise<readonly Attempted[]> {
    const marks = worked.flatMap((each) => ('work' in each ? each.work.evicted : []));
    const raised = await inHalves(marks, async (part) => {
      await this.#o.store.raise(INBOX_COLLECTION, part);
      return [];
    });
    raised.forEach(orThrow);
    if (marks.length > 0) await this.#o.faults.reached('spilled', this.#o.service);
    const verdicts = new Map<Attempted, Verdict | StoreError>();
    await Promise.all(
      [...Map.groupBy(results, ([{ group }]) => group.collection)].map(async ([collection, list]) => {
        const writes = list.map(([, result]) => ({
          expectedVersion: result.version - 1,
          document: toStored(result),
        }));
        const answer = await inHalves(writes, (part) => this.#o.store.save(collection, part));
        list.forEach(([each], i) => {
          verdicts.set(each, answer[i] ?? 'unknown');
        });
      }),
    );
    return worked.map((each) => {
      const document = results.get(each);
      if (!document || 'error' in each) return each; // a document in which nothing changed needs no write
      const verdict = verdicts.get(each);
      if (verdict === 'won') return { ...each, document };
      return { group: each.group, error: verdict instanceof StoreError ? verdict : new NotWon(verdict) };
    });
  }

  /** The documents that changed, with references in place of large payloads. */
  async #results(worked: readonly Attempted[]): Promise<ReadonlyMap<Attempted, Document>> {
    const results = new Map<Attempted, Document>();
    const large: OutboxEntry[] = [];
    for (const each of worked) {
      const result = 'work' in each ? each.work.result : null;
      if (!result || !('work' in each)) continue;
      results.set(each, result);
      for (const entry of each.work.emitted) if (isLarge(textOf(entry))) large.push(entry);
    }
    if (large.length === 0) return results;
    const refs = await putPayloads(this.#o.store, large.map(textOf));
    const refOf = new Map(large.map((entry, i) => [entry, refs[i] as string]));
    for (const [each, document] of results) results.set(each, withReferences(document, refOf));
    return results;
  }

  #report(attempted: readonly Attempted[], startMs: number): void {
    if (!this.#o.onHandled) return;
    const endMs = this.#o.clock.wall();
    const handled = attempted
      .flatMap((each) => ('work' in each ? each.work.ran : []))
      .flatMap(({ input, span, outcome }) => {
        if (!span || (outcome.status !== 'done' && outcome.status !== 'parked')) return [];
        const { collection, id: aggregate } = input.target;
        return [
          {
            span,
            service: this.#o.service,
            type: input.message.type,
            collection,
            aggregate,
            startMs,
            endMs,
            status: outcome.status,
          },
        ];
      });
    if (handled.length > 0) this.#o.onHandled(handled);
  }
}

/** A save that was lost, or of which nobody knows. */
class NotWon extends RuntimeError {
  constructor(verdict: Verdict | undefined) {
    super('RUNTIME_UNAVAILABLE', `A save was ${verdict ?? 'unknown'} each time.`, { retryAfter: 1 });
  }
}

/** Others are writing the same documents: a growing, bounded wait, of another length for each partition, so that they do not turn in step. */
function standBackMs(timesLost: number, group: Group | undefined): number {
  const share = 0.5 + Number(group?.inputs[0]?.lane ?? 0) / PARTITIONS;
  return Math.ceil(Math.min(250, 2 ** timesLost) * share);
}

/** What is to be tried again, if anything is. */
function afterError(group: Group, error: unknown, lost: number): Group | null {
  if (error instanceof FirstFailure) return group;
  if (error instanceof NotWon) return lost < ATTEMPTS_MAX ? group : null;
  const isFull = error instanceof RuntimeError && error.code === 'RUNTIME_HOLES_FULL';
  const isRefused = error instanceof StoreError;
  const { inputs } = group;
  if ((isFull || isRefused) && inputs.length > 1) return cut(group); // those before the culprit must not suffer
  if (!isRefused) return null;
  const [input] = inputs;
  if (!input || input.refused !== undefined) return null;
  input.failedBefore = true;
  input.refused = new RuntimeError('RUNTIME_DOCUMENT_REFUSED', error.detail, { cause: error });
  return group;
}

function cut(group: Group): Group {
  const half = group.inputs.length >> 1;
  return { ...group, inputs: group.inputs.slice(0, half), rest: { ...group, inputs: group.inputs.slice(half) } };
}

const inputsOf = (group: Group | undefined): readonly Input[] =>
  group ? [...group.inputs, ...inputsOf(group.rest)] : [];

function readOrError(aggregate: Aggregate<never>, stored: Parameters<typeof readDocument>[1]): Document | Error {
  try {
    return readDocument(aggregate, stored);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function orThrow<T>(result: T | StoreError): T {
  if (result instanceof StoreError) throw result;
  return result;
}

function withReferences(document: Document, refOf: ReadonlyMap<OutboxEntry, string>): Document {
  if (!document.body.outbox.some((entry) => refOf.has(entry))) return document;
  const outbox = document.body.outbox.map((entry) => {
    const dataref = refOf.get(entry);
    return dataref === undefined ? entry : { ...entry, data: null, dataref };
  });
  return { ...document, body: { ...document.body, outbox } };
}

/** In the order of the batch within each aggregate. */
function groups(inputs: readonly Input[], aggregates: ReadonlyMap<string, Aggregate<never>>): Group[] {
  const byTarget = Map.groupBy(inputs, ({ target }) => `${target.collection}/${target.id}`);
  return [...byTarget.values()].map((list) => {
    const { collection, id } = (list[0] as Input).target;
    const aggregate = aggregates.get(collection);
    if (!aggregate) throw new Error(`No aggregate is declared for the collection ${collection}.`);
    return { collection, aggregate, id, inputs: list };
  });
}

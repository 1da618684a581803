/**
 * What really had an effect, kept outside of the documents. Each run of a transition leaves a mark on the state that it
 * returned; only when a guarded write of exactly that state has won is it an effect. So nothing that the kernel keeps (versions,
 * inboxes, numbers) is believed.
 */
import { DEAD_LETTER_TYPE, type DeadLetter, type Emit, type Message } from '@coachloop/contracts';
import type { StoredDocument } from '@coachloop/document-store';
import type { Body, OutboxEntry } from '@coachloop/runtime';
import { moment, Saves } from './saves.ts';
import type { World } from './world.ts';

export interface Effect {
  readonly message: Message;
  readonly emits: readonly Emit[];
  /** The process that ran it, and its release. */
  readonly release: number;
  readonly deleted: boolean;
  readonly reply: unknown;
  /** When it wants to be woken, ms; null: not at all. */
  readonly wakeAt: number | null;
}

/** How a message is known to everybody. */
export const identityOf = ({ kind, source, id }: Pick<Message, 'kind' | 'source' | 'id'>): string =>
  kind === 'event' ? `${source}\u001f${id}` : id;

export class Ledger {
  /** By document, in the order of the writes. */
  readonly effects = new Map<string, Effect[]>();
  /** Documents with something in the outbox. */
  readonly waiting = new Set<string>();
  /** Documents with a timer. */
  readonly timers = new Map<string, number>();
  readonly violations: string[] = [];
  readonly saves = new Saves();
  readonly #lanes = new Map<string, string>();
  readonly #world: World;
  /** Runs since the load, by the state they returned, or (deleted) by the data of an output. */
  readonly #runs = new Map<object, readonly Effect[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The runs whose outcome this state is. */
  runsOf(state: object): readonly Effect[] {
    return this.#runs.get(state) ?? [];
  }

  ran(key: object, runs: readonly Effect[]): void {
    this.#runs.set(key, runs);
  }

  /** A write has won. @param by whose */
  saved(collection: string, { id, version, wakeAt, lane, body }: StoredDocument, by: string): void {
    const name = `${collection}/${id}`;
    if (lane !== null) this.#lanes.set(name, lane);
    const { state, outbox, outboxSince } = body as unknown as Partial<Body>;
    const settled: Effect[] = [];
    for (const entry of outbox ?? [])
      if (typeof entry.data === 'object' && entry.data !== null) settled.push(...this.#settle(name, entry.data));
    if (state) settled.push(...this.#settle(name, state));
    const handled = settled.map(({ message }) => message);
    this.saves.saved(name, { at: this.#world.scheduler.now, version, handled, wakeAt, by });
    this.#checkTimer(name, wakeAt, settled.at(-1), outbox ?? []);
    if (outboxSince === null || outboxSince === undefined) this.waiting.delete(name);
    else this.waiting.add(name);
    if (wakeAt === null) this.timers.delete(name);
    else this.timers.set(name, wakeAt);
  }

  /** Documents were removed for good, as the kernel never does. */
  removed(collection: string, ids: readonly string[]): void {
    for (const id of ids) {
      this.waiting.delete(`${collection}/${id}`);
      this.timers.delete(`${collection}/${id}`);
    }
  }

  /** Which partition owns the timers of a document. */
  laneOfTimer(name: string): string | undefined {
    return this.#lanes.get(name);
  }

  violation(text: string): void {
    this.violations.push(text);
    this.saves.tell(text);
    this.#world.note(`VIOLATION ${text}`);
  }

  /** A document has the timer that its last transition asked for, and no other write changes it, but for one that parks it. */
  #checkTimer(name: string, wakeAt: number | null, last: Effect | undefined, outbox: readonly OutboxEntry[]): void {
    const wanted = last === undefined ? (this.timers.get(name) ?? null) : last.wakeAt;
    if (wakeAt === wanted || (last === undefined && wakeAt === null && outbox.some(parksTimer))) return;
    this.violation(`timer-lost: ${name} wants to be woken at ${moment(wanted)}, and ${moment(wakeAt)} was saved`);
  }

  /** What had its effect. */
  #settle(name: string, key: object): readonly Effect[] {
    const runs = this.#runs.get(key);
    if (!runs || runs.length === 0) return [];
    this.#runs.delete(key);
    const list = this.effects.get(name);
    if (list) list.push(...runs);
    else this.effects.set(name, [...runs]);
    return runs;
  }
}

const parksTimer = ({ type, data }: OutboxEntry): boolean =>
  type === DEAD_LETTER_TYPE && (data as DeadLetter).origin === null;

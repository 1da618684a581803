/**
 * One document with those messages of a batch that are for it: runs the transitions in order, in memory. Nothing here touches
 * the world. What comes out is a document to be saved, or none, if every message was a repetition.
 */
import { type Decision, DomainError, type Emit, eventIdOf, type Message } from '@coachloop/contracts';
import type { Mark } from '@coachloop/document-store';
import type { Aggregate, Outcome, Target } from './definition.ts';
import { DOCUMENT_BOUNDS, type Document, type KeyEntry, type OutboxEntry } from './document.ts';
import { checkEmit, checkWakeAt } from './emit.ts';
import { RuntimeError } from './errors.ts';
import { Inbox, reusedStream, type StreamIdentity } from './inbox.ts';
import { type Discard, discardOf, letterOf, type Origin, type Reason, reasonOf, resolved } from './letters.ts';
import { type Span, spanOf } from './trace.ts';

/** How a message is recognised when it comes again. A timer is a stream of its document: `seq` is the timer's number. */
export type Identity = StreamIdentity | { readonly kind: 'key'; readonly key: string; readonly hash: string };

export const TIMER_STREAM = 'timer';

/** One message for one aggregate. */
export interface Input {
  readonly target: Target;
  readonly message: Message;
  readonly identity: Identity;
  /** Names the cause for good: ids of what it brings about are derived from it. */
  readonly cause: string;
  /** Partition that owns the timers of a document that this creates. */
  readonly lane: string;
  readonly traceparent?: string | undefined;
  /** Characters of its data as JSON, where it waits in memory for its turn. */
  readonly size?: number;
  /** What a dead letter keeps. Absent for HTTP: a request is answered, not parked. */
  readonly origin?: Origin;
  /** Why it cannot be handled, whatever the aggregate says: it is parked at once. */
  readonly unreadable?: Reason;
  /** It threw once, and the document was loaded again since: the next time it is parked. */
  failedBefore?: boolean;
  /** The store will not have the document that this message makes: it is parked, or rejected, without being run again. */
  refused?: unknown;
}

export interface WorkContext {
  readonly service: string;
  /** The topic of a type that this service may emit; undefined: it may not. */
  readonly topicOf: (type: string) => string | undefined;
  readonly now: number;
  readonly wall: number;
  readonly fails: (cause: string) => boolean;
}

export interface Ran {
  readonly input: Input;
  readonly outcome: Outcome | { readonly status: 'parked'; readonly reason: Reason };
  /** Null where nothing ran. */
  readonly span: Span | null;
}

/** A transition threw for the first time: the document is loaded again before its message is parked. */
export class FirstFailure extends Error {}

/** What becomes of a message before it is run: how it was answered, or under which identity it runs. */
type Judged =
  | { readonly outcome: Outcome }
  | { readonly identity: Identity }
  | { readonly park: StreamIdentity; readonly reason: Reason };

const DUPLICATE: Judged = { outcome: { status: 'duplicate', reply: undefined } };

export class Work {
  readonly ran: Ran[] = [];
  /** Marks of evicted inbox entries: to be raised before the document is saved. */
  evicted: readonly Mark[] = [];
  readonly #context: WorkContext;
  readonly #aggregate: Aggregate<never>;
  readonly #loaded: Document;
  readonly #name: string;
  readonly #inbox: Inbox;
  readonly #outbox: OutboxEntry[];
  /** How many of the outbox were there when the document was loaded. */
  readonly #carried: number;
  #state: object | null;
  #n: number;
  #wakeAt: number | null;
  #wakeN: number;
  #keys: readonly KeyEntry[];
  #trace: string | undefined;
  #dirty = false;

  /** @param acked outputs up to this number are known to be in the log; they leave the outbox with this write. */
  constructor(
    context: WorkContext,
    aggregate: Aggregate<never>,
    loaded: Document,
    marks: ReadonlyMap<string, number>,
    acked: number,
  ) {
    this.#context = context;
    this.#aggregate = aggregate;
    this.#loaded = loaded;
    this.#name = `${aggregate.collection}/${loaded.id}`;
    this.#inbox = new Inbox(aggregate.collection, loaded, marks);
    this.#outbox = loaded.body.outbox.filter((entry) => entry.n > acked);
    this.#carried = this.#outbox.length;
    this.#state = loaded.body.state;
    this.#n = loaded.body.n;
    this.#wakeAt = loaded.wakeAt;
    this.#wakeN = loaded.body.wakeN;
    this.#keys = loaded.body.keys;
    this.#trace = loaded.body.trace;
  }

  /** @throws FirstFailure, and RUNTIME_HOLES_FULL; then nothing of this attempt may be saved. */
  run(inputs: readonly Input[]): void {
    for (const input of inputs) {
      const judged = input.identity.kind === 'key' ? this.#judgeKey(input.identity) : this.#judgeStream(input);
      if ('outcome' in judged) this.ran.push({ input, span: null, outcome: judged.outcome });
      else if ('park' in judged) this.#park(input, judged.park, judged.reason);
      else this.#handle(input, judged.identity);
    }
    if (this.#dirty) this.evicted = this.#inbox.evict(this.#context.now);
  }

  /** The document to be saved; null: nothing changed. */
  get result(): Document | null {
    if (!this.#dirty) return null;
    const { holes } = this.#inbox;
    const { body } = this.#loaded;
    return {
      ...this.#loaded,
      version: this.#loaded.version + 1,
      wakeAt: this.#wakeAt,
      body: {
        ...body,
        state: this.#state,
        n: this.#n,
        inbox: this.#inbox.entries,
        floor: this.#inbox.floor,
        outbox: this.#outbox,
        outboxSince: this.#outboxSince(),
        wakeN: this.#wakeN,
        keys: this.#keys,
        holes: holes === 0 ? null : holes,
        ...(this.#trace === undefined ? {} : { trace: this.#trace }),
      },
    };
  }

  /** The new part of the outbox; what was carried is as it was. */
  get emitted(): readonly OutboxEntry[] {
    return this.#outbox.slice(this.#carried);
  }

  /** A document that is never at rest would else look as if its first output were still waiting. */
  #outboxSince(): number | null {
    if (this.#outbox.length === 0) return null;
    const { outboxSince } = this.#loaded.body;
    return this.#carried > 0 && outboxSince !== null ? outboxSince : this.#context.wall;
  }

  #judgeKey(identity: Identity & { kind: 'key' }): Judged {
    const known = this.#keys.find(({ key }) => key === identity.key);
    if (!known) return { identity };
    if (known.hash !== identity.hash) return { outcome: { status: 'conflict' } };
    return { outcome: { status: 'duplicate', reply: known.reply } };
  }

  #judgeStream(input: Input): Judged {
    const { now } = this.#context;
    const identity = this.#inbox.resolve(input.identity as StreamIdentity);
    if (!identity) return DUPLICATE;
    if (firesTimer(identity) && (this.#wakeAt === null || this.#wakeN !== identity.seq)) return DUPLICATE;
    const verdict = this.#inbox.judge(identity, now);
    if (verdict === 'seen') return DUPLICATE;
    if (verdict === 'too-old') return { park: identity, reason: tooOld(identity) };
    if (verdict === 'new') return input.unreadable ? { park: identity, reason: input.unreadable } : { identity };
    if (!input.origin) return { outcome: { status: 'conflict' } };
    // On the bus there is nobody to refuse it to: the other content is parked, once, as a stream of its own.
    const other = { ...identity, stream: reusedStream(identity.stream, identity.hash ?? '') };
    if (this.#inbox.judge(other, now) !== 'new') return DUPLICATE;
    const message = `${input.message.source} sent the id ${input.message.id} before, with another content`;
    return { park: other, reason: { code: 'EVENT_ID_REUSED', message } };
  }

  #handle(input: Input, identity: Identity): void {
    const before = { n: this.#n, outbox: this.#outbox.length };
    const span = this.#span(input);
    try {
      if (input.refused !== undefined) throw input.refused;
      const decision = this.#decide(input, identity);
      this.#emit(input.cause, span, decision.events);
      if (identity.kind === 'stream') this.#inbox.mark(identity, false);
      else this.#keys = [...this.#keys.slice(1 - DOCUMENT_BOUNDS.keys_max), keyEntry(identity, decision.reply)];
      if (firesTimer(identity)) this.#wakeAt = null; // fired and cleared in one write
      this.#setTimer(decision.wakeAt);
      this.#state = decision.state;
      this.#changed(span);
      this.ran.push({ input, span, outcome: { status: 'done', reply: decision.reply } });
    } catch (error) {
      this.#n = before.n;
      this.#outbox.length = before.outbox;
      this.#failed(input, identity, span, error);
    }
  }

  #failed(input: Input, identity: Identity, span: Span, error: unknown): void {
    const parkable = input.origin !== undefined && identity.kind === 'stream';
    if (!input.failedBefore && (parkable || !(error instanceof DomainError))) {
      input.failedBefore = true;
      throw new FirstFailure();
    }
    if (parkable) this.#park(input, identity, reasonOf(error));
    else this.ran.push({ input, span, outcome: { status: 'rejected', error: asError(error) } });
  }

  #decide(input: Input, identity: Identity): Decision<object | null> {
    const discard = discardOf(input.message);
    if (discard) return this.#discard(discard);
    if (this.#context.fails(input.cause)) throw new Error('made to fail by a fault switch');
    const state = this.#state ?? this.#aggregate.initial(this.#loaded.id);
    const decision: Decision<object | null> = this.#aggregate.handle(state as never, input.message, this.#context.now);
    checkWakeAt(decision.wakeAt);
    if (identity.kind !== 'stream' || !identity.replay) return decision;
    const event = resolved(this.#letterName(identity), 'replayed');
    return { ...decision, events: [...decision.events, event] };
  }

  #discard({ stream, seq, reason }: Discard): Decision<object | null> {
    if (!this.#inbox.isHole({ stream, seq }))
      throw new DomainError('DEAD_LETTER_NOT_OPEN', `${this.#name} has no open dead letter ${stream}#${seq}.`);
    this.#inbox.discard(stream, seq);
    const events = [resolved(this.#letterName({ stream, seq }), 'discarded', reason)];
    return { state: this.#state, events, wakeAt: this.#wakeAt, reply: { discarded: true } };
  }

  #park(input: Input, identity: StreamIdentity, reason: Reason): void {
    // A replay that fails again keeps its hole; it must not wait for room that only it can make.
    if (this.#inbox.holes >= DOCUMENT_BOUNDS.holes_max && !this.#inbox.isHole(identity))
      throw new RuntimeError('RUNTIME_HOLES_FULL', `${this.#name} has ${this.#inbox.holes} open dead letters.`);
    const span = this.#span(input);
    const target = { collection: this.#aggregate.collection, id: this.#loaded.id };
    this.#inbox.mark(identity, true, reason.code === 'EVENT_TOO_OLD');
    if (firesTimer(identity)) this.#wakeAt = null;
    const origin = input.origin ?? { timer: input.message };
    const letter = letterOf(this.#context.service, target, identity, origin, reason, this.#context.now);
    this.#emit(`${input.cause}/parked/${this.#n}`, span, [letter]);
    this.#changed(span);
    this.ran.push({ input, span, outcome: { status: 'parked', reason } });
  }

  /** A timer that is set anew gets a new number, so that the old one, firing late, does nothing. */
  #setTimer(wakeAt: number | null): void {
    if (wakeAt !== this.#wakeAt) this.#wakeN += 1;
    this.#wakeAt = wakeAt;
  }

  #emit(cause: string, span: Span, events: readonly Emit[]): void {
    events.forEach((event, ordinal) => {
      const topic = this.#context.topicOf(event.type);
      if (topic === undefined)
        throw new RuntimeError('RUNTIME_TYPE_UNKNOWN', `${this.#context.service} emitted ${event.type}.`);
      const entry: OutboxEntry = {
        n: this.#n + 1,
        topic,
        key: event.key,
        id: eventIdOf(cause, this.#context.service, this.#name, ordinal),
        type: event.type,
        time: event.time ?? this.#context.now,
        ...(event.subject === undefined ? {} : { subject: event.subject }),
        traceparent: span.traceparent,
        data: event.data,
      };
      checkEmit(entry);
      this.#n += 1;
      this.#outbox.push(entry);
    });
  }

  #changed(span: Span): void {
    this.#dirty = true;
    if (this.#aggregate.oneMatter) this.#trace ??= span.traceparent;
  }

  #span(input: Input): Span {
    return spanOf(input.traceparent, this.#trace, input.cause, `${this.#context.service}/${this.#name}`);
  }

  #letterName({ stream, seq }: { readonly stream: string; readonly seq: number }) {
    const { service: group } = this.#context;
    return { group, collection: this.#aggregate.collection, aggregate: this.#loaded.id, stream, seq };
  }
}

const firesTimer = (identity: Identity): boolean =>
  identity.kind === 'stream' && identity.stream === TIMER_STREAM && !identity.replay;

const keyEntry = ({ key, hash }: { key: string; hash: string }, reply: unknown): KeyEntry =>
  reply === undefined ? { key, hash } : { key, hash, reply };

const tooOld = ({ born }: StreamIdentity): Reason => ({
  code: 'EVENT_TOO_OLD',
  message: `its source was created ${new Date(born).toISOString()}, and what was handled of it may be forgotten`,
});

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

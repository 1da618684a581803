/**
 * One document with those messages of a batch that are for it: runs the transitions in order, in memory. Nothing here touches
 * the world. What comes out is a document to be saved, or none, if every message was a repetition.
 */
import { type Decision, DomainError, type Emit, eventIdOf, type Message } from '@coachloop/contracts';
import type { Mark } from '@coachloop/document-store';
import type { Aggregate, Outcome, Target } from './definition.ts';
import { DOCUMENT_BOUNDS, type Document, type KeyEntry, type OutboxEntry } from './document.ts';
import { RuntimeError } from './errors.ts';
import { Inbox, type StreamIdentity } from './inbox.ts';
import { discardOf, letterOf, type Origin, type Reason, resolved } from './letters.ts';
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
  /** What a dead letter keeps. Absent for HTTP: a request is answered, not parked. */
  readonly origin?: Origin;
  /** Why it cannot be handled, whatever the aggregate says: it is parked at once. */
  readonly unreadable?: Reason;
  /** It threw once, and the document was loaded again since: the next time it is parked. */
  failedBefore?: boolean;
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
  #state: object | null;
  #n: number;
  #wakeAt: number | null;
  #wakeN: number;
  #keys: readonly KeyEntry[];
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
    this.#state = loaded.body.state;
    this.#n = loaded.body.n;
    this.#wakeAt = loaded.wakeAt;
    this.#wakeN = loaded.body.wakeN;
    this.#keys = loaded.body.keys;
  }

  /** @throws FirstFailure, and RUNTIME_HOLES_FULL; then nothing of this attempt may be saved. */
  run(inputs: readonly Input[]): void {
    for (const input of inputs) {
      const repeated =
        input.identity.kind === 'key' ? this.#judgeKey(input.identity) : this.#judgeStream(input, input.identity);
      if (repeated) this.ran.push({ input, span: null, outcome: repeated });
      else if (repeated === null) this.#handle(input);
    }
    if (this.#dirty) this.evicted = this.#inbox.evict(this.#context.wall);
  }

  /** The document to be saved; null: nothing changed. */
  get result(): Document | null {
    if (!this.#dirty) return null;
    const { holes } = this.#inbox;
    return {
      id: this.#loaded.id,
      version: this.#loaded.version + 1,
      wakeAt: this.#wakeAt,
      lane: this.#loaded.lane,
      body: {
        ...this.#loaded.body,
        state: this.#state,
        n: this.#n,
        inbox: this.#inbox.entries,
        floor: this.#inbox.floor,
        outbox: this.#outbox,
        outboxSince: this.#outbox.length === 0 ? null : (this.#loaded.body.outboxSince ?? this.#context.wall),
        wakeN: this.#wakeN,
        keys: this.#keys,
        holes: holes === 0 ? null : holes,
      },
    };
  }

  #judgeKey({ key, hash }: { key: string; hash: string }): Outcome | null {
    const known = this.#keys.find((entry) => entry.key === key);
    if (!known) return null;
    return known.hash === hash ? { status: 'duplicate', reply: known.reply } : { status: 'conflict' };
  }

  /** An outcome: it was handled before. Null: it is new. Undefined: it has just been parked. */
  #judgeStream(input: Input, identity: StreamIdentity): Outcome | null | undefined {
    if (firesTimer(identity) && (this.#wakeAt === null || this.#wakeN !== identity.seq))
      return { status: 'duplicate', reply: undefined };
    const verdict = this.#inbox.judge(identity, this.#context.wall);
    if (verdict === 'seen') return { status: 'duplicate', reply: undefined };
    if (verdict === 'too-old') {
      this.#park(input, identity, {
        code: 'EVENT_TOO_OLD',
        message: `the stream was born ${new Date(identity.born).toISOString()}`,
      });
      return undefined;
    }
    if (verdict === 'conflict') {
      if (!input.origin) return { status: 'conflict' };
      // On the bus there is nobody to refuse it to: the other content is parked, once, as a stream of its own.
      const other = { ...identity, stream: `${identity.stream}!${identity.hash}` };
      if (this.#inbox.judge(other, this.#context.wall) !== 'new') return { status: 'duplicate', reply: undefined };
      const message = `${input.message.source} sent the id ${input.message.id} before, with another content`;
      this.#park(input, other, { code: 'EVENT_ID_REUSED', message });
      return undefined;
    }
    if (input.unreadable) {
      this.#park(input, identity, input.unreadable);
      return undefined;
    }
    return null;
  }

  #handle(input: Input): void {
    const { identity } = input;
    const before = { n: this.#n, outbox: this.#outbox.length };
    const span = this.#span(input);
    try {
      const decision = this.#decide(input);
      this.#emit(input.cause, span, decision.events);
      if (identity.kind === 'stream') this.#inbox.mark(identity, false);
      else this.#keys = [...this.#keys.slice(1 - DOCUMENT_BOUNDS.keys_max), keyEntry(identity, decision.reply)];
      if (firesTimer(identity)) this.#wakeAt = null; // fired and cleared in one write
      // A timer that is set anew gets a new number, so that the old one, firing late, does nothing.
      if (decision.wakeAt !== this.#wakeAt) this.#wakeN += 1;
      this.#wakeAt = decision.wakeAt;
      this.#state = decision.state;
      this.#dirty = true;
      this.ran.push({ input, span, outcome: { status: 'done', reply: decision.reply } });
    } catch (error) {
      this.#n = before.n;
      this.#outbox.length = before.outbox;
      this.#failed(input, span, error);
    }
  }

  #failed(input: Input, span: Span, error: unknown): void {
    const domain = error instanceof DomainError;
    const parkable = input.origin !== undefined && input.identity.kind === 'stream';
    if (!input.failedBefore && (parkable || !domain)) {
      input.failedBefore = true;
      throw new FirstFailure();
    }
    if (!parkable) {
      this.ran.push({ input, span, outcome: { status: 'rejected', error: error as Error } });
      return;
    }
    const reason = domain
      ? { code: error.code, message: error.message, ...(error.pointer === undefined ? {} : { pointer: error.pointer }) }
      : {
          code: 'TRANSITION_FAILED',
          message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        };
    this.#park(input, input.identity as StreamIdentity, reason);
  }

  #decide(input: Input): Decision<object> {
    const state = this.#state ?? this.#aggregate.initial(this.#loaded.id);
    const discard = discardOf(input.message);
    if (discard) {
      if (!this.#inbox.discard(discard.stream, discard.seq))
        throw new DomainError(
          'DEAD_LETTER_NOT_OPEN',
          `${this.#name} has no open dead letter ${discard.stream}#${discard.seq}.`,
        );
      const events = [resolved(this.#letterName(discard.stream, discard.seq), 'discarded', discard.reason)];
      return { state, events, wakeAt: this.#wakeAt, reply: { discarded: true } };
    }
    if (this.#context.fails(input.cause)) throw new Error('made to fail by a fault switch');
    const decision = this.#aggregate.handle(state as never, input.message, this.#context.now) as Decision<object>;
    if (input.identity.kind !== 'stream' || !input.identity.replay) return decision;
    const event = resolved(this.#letterName(input.identity.stream, input.identity.seq), 'replayed');
    return { ...decision, events: [...decision.events, event] };
  }

  #park(input: Input, identity: StreamIdentity, reason: Reason): void {
    if (this.#inbox.holes >= DOCUMENT_BOUNDS.holes_max)
      throw new RuntimeError('RUNTIME_HOLES_FULL', `${this.#name} has ${this.#inbox.holes} open dead letters.`);
    const span = this.#span(input);
    const target = { collection: this.#aggregate.collection, id: this.#loaded.id };
    this.#inbox.mark(identity, true);
    if (firesTimer(identity)) this.#wakeAt = null;
    const origin = input.origin ?? { timer: input.message };
    this.#emit(`${input.cause}/parked/${this.#n}`, span, [
      letterOf(this.#context.service, target, identity, origin, reason, this.#context.now),
    ]);
    this.#dirty = true;
    this.ran.push({ input, span, outcome: { status: 'parked', reason } });
  }

  #emit(cause: string, span: Span, events: readonly Emit[]): void {
    events.forEach((event, ordinal) => {
      const topic = this.#context.topicOf(event.type);
      if (topic === undefined)
        throw new RuntimeError('RUNTIME_TYPE_UNKNOWN', `${this.#context.service} emitted ${event.type}.`);
      this.#n += 1;
      this.#outbox.push({
        n: this.#n,
        topic,
        key: event.key,
        id: eventIdOf(cause, this.#context.service, this.#name, ordinal),
        type: event.type,
        time: event.time ?? this.#context.now,
        ...(event.subject === undefined ? {} : { subject: event.subject }),
        traceparent: span.traceparent,
        data: event.data,
      });
    });
  }

  #span(input: Input): Span {
    return spanOf(input.traceparent, input.cause, `${this.#context.service}/${this.#name}`);
  }
  #letterName(stream: string, seq: number) {
    return {
      group: this.#context.service,
      collection: this.#aggregate.collection,
      aggregate: this.#loaded.id,
      stream,
      seq,
    };
  }
}

const firesTimer = (identity: Identity): boolean =>
  identity.kind === 'stream' && identity.stream === TIMER_STREAM && !identity.replay;

const keyEntry = ({ key, hash }: { key: string; hash: string }, reply: unknown): KeyEntry =>
  reply === undefined ? { key, hash } : { key, hash, reply };

/**
 * The edge: commands and foreign events from HTTP. Whatever waits is handled in one batch, so that a thousand single requests
 * cost what one request of a thousand costs. The queue is bounded; what does not fit is refused at once, with a time to
 * come back, before memory grows.
 */
import { StoreError } from '@coachloop/document-store';
import type { Clock, Outcome } from './definition.ts';
import { RuntimeError } from './errors.ts';
import type { OutboxRelay } from './outbox.ts';
import type { Processor } from './processor.ts';
import type { Stall } from './stall.ts';
import { traceIdOf } from './trace.ts';
import type { Input, Ran } from './work.ts';

export const EDGE_BOUNDS = { waiting_max: 10_000, waiting_chars_max: 32 * 1024 * 1024, batch_max: 500 } as const;
/** A store or log that is away for longer than a hiccup. */
const OUTAGE_MS_MAX = 1_000;
/** A call that hangs has not failed yet, and may not for a minute: what waits behind it is told so. */
const HANG_MS_MAX = 5_000;

interface Waiting {
  readonly inputs: readonly Input[];
  /** Of their data as JSON. */
  readonly chars: number;
  readonly outcomes: Map<Input, Outcome>;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

export class Edge {
  readonly #processor: Processor;
  readonly #relay: OutboxRelay;
  readonly #clock: Clock;
  readonly #stall: Stall;
  readonly #onRan: (ran: Ran) => void;
  readonly #onPublished: () => Promise<void>;
  #queue: Waiting[] = [];
  #size = 0;
  #chars = 0;
  #running: Promise<void> | null = null;
  /** Since when the batch in hand is in hand, wall-clock ms. */
  #busySince: number | null = null;
  #watching = false;
  readonly #stopping = new AbortController();

  constructor(o: {
    processor: Processor;
    relay: OutboxRelay;
    clock: Clock;
    stall: Stall;
    onRan: (ran: Ran) => void;
    /** What a batch had to say is in the log. */
    onPublished: () => Promise<void>;
  }) {
    this.#processor = o.processor;
    this.#relay = o.relay;
    this.#clock = o.clock;
    this.#stall = o.stall;
    this.#onRan = o.onRan;
    this.#onPublished = o.onPublished;
  }

  /** @param pressure seconds after which these may come, where they must wait for the services behind; null: they need not. */
  submit(inputs: readonly Input[], pressure: number | null = null): Promise<readonly Outcome[]> {
    if (inputs.length === 0) return Promise.resolve([]);
    if (this.#stopping.signal.aborted) return refuse('RUNTIME_STOPPED', 'The service is stopping.', 5);
    if (this.#stall.outageMs > OUTAGE_MS_MAX)
      return refuse('RUNTIME_UNAVAILABLE', `Stalled: ${this.#stall.reason?.replace(/\.$/, '')}.`, 5);
    if (this.#hangs) return refuse('RUNTIME_UNAVAILABLE', HANGING, 5);
    if (pressure !== null) return refuse('RUNTIME_OVERLOADED', 'The services behind are too far behind.', pressure);
    const chars = inputs.reduce((sum, { size = 0 }) => sum + size, 0);
    // A request that is larger than the whole queue waits for nobody, and is handled alone.
    const { waiting_max, waiting_chars_max } = EDGE_BOUNDS;
    if (this.#size > 0 && (this.#size + inputs.length > waiting_max || this.#chars + chars > waiting_chars_max))
      return refuse('RUNTIME_OVERLOADED', `${this.#size} messages (${this.#chars} characters) are waiting.`, 1);
    return new Promise((resolve, reject) => {
      this.#queue.push({ inputs, chars, outcomes: new Map(), resolve, reject });
      this.#size += inputs.length;
      this.#chars += chars;
      if (this.#running !== null) void this.#watch();
      this.#running ??= this.#run();
    });
  }

  /** Finishes what is in hand; what is still waiting is refused. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#refuseWaiting('RUNTIME_STOPPED', 'The service is stopping.');
    await this.#running;
  }

  get #hangs(): boolean {
    return this.#busySince !== null && this.#clock.wall() - this.#busySince > HANG_MS_MAX;
  }

  /** They were not begun, and may come again. */
  #refuseWaiting(code: 'RUNTIME_STOPPED' | 'RUNTIME_UNAVAILABLE', detail: string): void {
    for (const waiting of this.#queue.splice(0)) waiting.reject(new RuntimeError(code, detail, { retryAfter: 5 }));
    this.#size = 0;
    this.#chars = 0;
  }

  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    while (this.#queue.length > 0) {
      await this.#clock.sleep(HANG_MS_MAX, this.#stopping.signal);
      if (this.#hangs) this.#refuseWaiting('RUNTIME_UNAVAILABLE', HANGING);
    }
    this.#watching = false;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // requests of the same tick go together
    while (this.#queue.length > 0) {
      this.#busySince = this.#clock.wall();
      await this.#handle(this.#take());
    }
    this.#busySince = null;
    this.#running = null;
  }

  #take(): readonly Waiting[] {
    let count = 0;
    let requests = 0;
    for (const { inputs } of this.#queue) {
      if (requests > 0 && count + inputs.length > EDGE_BOUNDS.batch_max) break;
      count += inputs.length;
      requests += 1;
    }
    const taken = this.#queue.splice(0, requests);
    this.#size -= count;
    this.#chars -= taken.reduce((sum, { chars }) => sum + chars, 0);
    return taken;
  }

  async #handle(batch: readonly Waiting[]): Promise<void> {
    const owner = new Map(batch.flatMap((waiting) => waiting.inputs.map((input) => [input, waiting] as const)));
    const settle = (ran: Ran) => {
      this.#onRan(ran);
      const { input, outcome } = ran;
      const waiting = owner.get(input);
      if (!waiting) return;
      waiting.outcomes.set(input, outcome.status === 'parked' ? { status: 'done', reply: undefined } : outcome);
      if (waiting.outcomes.size === waiting.inputs.length)
        waiting.resolve(waiting.inputs.map((each) => waiting.outcomes.get(each) as Outcome));
    };
    try {
      const { saved, failed } = await this.#processor.handle([...owner.keys()], settle);
      for (const { inputs, error } of failed)
        for (const input of inputs)
          settle({ input, span: null, outcome: { status: 'rejected', error: asError(error) } });
      // It is saved and answered; what it says is published by us, or, should this process die, by somebody's sweeper.
      const publish = () => this.#relay.publish(saved, this.#clock.wall());
      const traceId = () => traceIdOf([...owner.keys()].find((input) => input.traceparent)?.traceparent ?? '');
      await this.#stall.untilDone('publish', this.#stopping.signal, publish, { traceId });
      await this.#onPublished();
    } catch (cause) {
      for (const waiting of batch) waiting.reject(asError(cause));
    }
  }
}

const HANGING = 'The store or the log has not answered for seconds.';

/** What people see of a store that is away. */
function asError(cause: unknown): Error {
  if (cause instanceof RuntimeError) return cause;
  if (cause instanceof StoreError && cause.kind === 'request')
    return new RuntimeError('RUNTIME_TARGET_INVALID', cause.detail, { cause });
  return new RuntimeError('RUNTIME_UNAVAILABLE', 'The store does not answer.', { cause, retryAfter: 5 });
}

const refuse = (
  code: 'RUNTIME_STOPPED' | 'RUNTIME_UNAVAILABLE' | 'RUNTIME_OVERLOADED',
  detail: string,
  retryAfter: number,
) => Promise.reject(new RuntimeError(code, detail, { retryAfter }));

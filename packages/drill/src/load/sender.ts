/** Sends the calls at a steady rate, and checks each answer: who was taken, who was known, who was refused and why. */
import { setTimeout } from 'node:timers/promises';
import type { CloudEventJson } from '@coachloop/contracts';
import { randomOf } from '@coachloop/simulator';
import { Calls, type CentreSize } from './calls.ts';
import type { Client } from './client.ts';
import type { Ledger } from './ledger.ts';
import { type Poison, poisonOf } from './poison.ts';

const BATCH_EVENTS = 100;
const IN_FLIGHT = 4;
const IDLE_MS = 40;
const POISON_SHARE = 0.08;
const REPEAT_SHARE = 0.05;
const REPEAT_MS = { min: 200, max: 10_000 } as const;
/** What could not be sent while the platform was down is not made up for beyond this. */
const DEBT_MS_MAX = 1_000;

interface Parcel {
  readonly events: readonly CloudEventJson[];
  readonly poison?: Poison & { readonly at: number };
  /** It was acknowledged before: nothing of it may be new. */
  readonly known?: boolean;
}

interface Report {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
}

export class Sender {
  readonly calls: Calls;
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #random;
  readonly #callsPerMs: number;
  #queue: CloudEventJson[] = [];
  #again: { readonly dueMs: number; readonly events: readonly CloudEventJson[] }[] = [];
  #paidMs = performance.now();
  #allowed = 0;
  #parcels = 0;
  #last: CloudEventJson | null = null;
  #ending = false;
  readonly #senders: Promise<unknown>;

  constructor(client: Client, ledger: Ledger, size: CentreSize, callsPerSecond: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.calls = new Calls(size);
    this.#random = randomOf('drill-load', size.seed);
    this.#callsPerMs = callsPerSecond / 1_000;
    this.#senders = Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#work()));
    this.#senders.catch(() => undefined); // told by `end`
  }

  /** Of a call, acknowledged lately. */
  get last(): CloudEventJson | null {
    return this.#last;
  }

  /** No new calls; resolves when the last event of those that began is acknowledged. */
  async end(): Promise<void> {
    this.#queue.push(...this.calls.end());
    this.#ending = true;
    await this.#senders;
  }

  async #work(): Promise<void> {
    for (;;) {
      const parcel = this.#next();
      if (parcel) await this.#deliver(parcel);
      else if (this.#ending) return;
      else await setTimeout(IDLE_MS);
    }
  }

  #next(): Parcel | null {
    const again = this.#again.findIndex(({ dueMs }) => this.#ending || dueMs <= performance.now());
    const [repeat] = again < 0 ? [] : this.#again.splice(again, 1);
    if (repeat) return { events: repeat.events, known: true };
    if (!this.#ending) this.#refill();
    const events = this.#queue.splice(0, BATCH_EVENTS);
    if (events.length === 0) return null;
    this.#parcels += 1;
    if (!this.#last || !this.#random.chance(POISON_SHARE)) return { events };
    const poison = poisonOf(this.#parcels, this.#last, this.#random);
    const at = this.#random.int(0, events.length);
    return { events: events.toSpliced(at, 0, poison.event), poison: { ...poison, at } };
  }

  #refill(): void {
    const nowMs = performance.now();
    this.#allowed += Math.min(DEBT_MS_MAX, nowMs - this.#paidMs) * this.#callsPerMs;
    this.#paidMs = nowMs;
    this.#queue.push(...this.calls.until(Math.floor(this.#allowed)));
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const { events, poison, known } = parcel;
    const { status, body } = await this.#client.send({
      path: '/ingest/v1/events',
      contentType: 'application/cloudevents-batch+json',
      body: JSON.stringify(events),
    });
    if (status !== 202) {
      this.#ledger.wrong(
        `answer: ${events.length} events were refused with ${status}: ${JSON.stringify(body).slice(0, 300)}`,
      );
      return;
    }
    this.#check(parcel, body as Report);
    if (poison) this.#ledger.poisons += 1;
    const good = events.filter((_, i) => i !== poison?.at);
    for (const event of good) this.#ledger.acknowledged(event);
    this.#last = good.findLast(({ type }) => type.startsWith('call.')) ?? this.#last;
    if (known || !this.#random.chance(REPEAT_SHARE)) return;
    const dueMs = performance.now() + this.#random.between(REPEAT_MS.min, REPEAT_MS.max);
    this.#again.push({ dueMs, events: good });
  }

  #check({ events, poison, known }: Parcel, { accepted, duplicate, rejected }: Report): void {
    const wanted = poison ? `${poison.at}: ${poison.code}` : '';
    const found = rejected.map(({ index, code }) => `${index}: ${code}`).join(', ');
    if (found !== wanted)
      this.#ledger.wrong(`answer: of ${events.length} events refused [${found}] instead of [${wanted}]`);
    if (accepted + duplicate + rejected.length !== events.length)
      this.#ledger.wrong(`answer: ${accepted} + ${duplicate} + ${rejected.length} of ${events.length} events`);
    if (known && accepted > 0)
      this.#ledger.wrong(`answer: ${accepted} of ${events.length} events that were acknowledged before were new`);
  }
}

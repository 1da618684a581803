/**
 * One webhook on one process: a member of the consumer group `webhook.<id>`, so any number of processes share the partitions and
 * the group's offsets are the webhook's cursor. In order within each partition, partitions side by side, at least once.
 */
import type { CloudEvent } from '@coachloop/contracts';
import { type Batch, type BatchContext, type Consumer, isLogError, type Position } from '@coachloop/event-log';
import type { ServiceContext } from '@coachloop/runtime';
import { signsAt, type Webhook } from '../domain/webhook.ts';
import { isWanted } from '../feed/feed.ts';
import { type Selection, selectionOf } from '../feed/patterns.ts';
import { Repeats } from '../feed/repeats.ts';
import { backoff, type DeliveryOptions } from './options.ts';
import { type Attempt, type Posting, post } from './post.ts';
import { Slots } from './slots.ts';
import { Tally } from './tally.ts';

/** Small, for they are held while a receiver is away. */
const BATCH = { maxBatchRecords: 100, maxBatchBytes: 1024 * 1024 } as const;
/** Streams remembered over all partitions; the receiver tells older repetitions by `webhook-id`. */
const STREAMS_MAX = 5_000;
/** A commit costs a round trip on a broker; what was sent since the last one is sent again after a crash. */
const COMMIT_EVERY_MS = 1_000;
/** Waits are cut into pieces, to tell the broker that this member lives. */
const HEARTBEAT_EVERY_MS = 1_000;

export const groupOf = (webhookId: string, generation: number): string =>
  `webhook.${webhookId}${generation === 1 ? '' : `.${generation}`}`;

/** Told to stop: the batch goes back, to be delivered from the last commit. */
class Stopped extends Error {}

export interface SubscriptionPorts {
  readonly service: ServiceContext;
  readonly options: DeliveryOptions;
  readonly agents: Posting['agents'];
  readonly allowPrivate: boolean;
  /** The receiver answered 410 Gone. */
  readonly onGone: (webhook: Webhook) => void;
}

export class Subscription {
  readonly tally = new Tally();
  readonly #ports: SubscriptionPorts;
  readonly #selection: Selection;
  readonly #slots: Slots;
  readonly #repeats = new Repeats(STREAMS_MAX);
  readonly #stopping = new AbortController();
  /** Aborts requests that did not finish in time. */
  readonly #cut = new AbortController();
  #webhook: Webhook;
  #consumer: Consumer | null = null;

  private constructor(webhook: Webhook, ports: SubscriptionPorts) {
    this.#webhook = webhook;
    this.#ports = ports;
    this.#selection = selectionOf(webhook.types);
    this.#slots = new Slots(ports.options.requestsAtOnce);
  }

  static async start(webhook: Webhook, ports: SubscriptionPorts): Promise<Subscription> {
    const subscription = new Subscription(webhook, ports);
    await subscription.#join();
    return subscription;
  }

  get webhook(): Webhook {
    return this.#webhook;
  }

  /** By itself, because the receiver is gone. */
  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** The next attempt goes to the new address, with the new secrets. */
  update(webhook: Webhook): void {
    if (webhook.epoch !== this.#webhook.epoch) this.tally.forgive();
    this.#webhook = webhook;
  }

  /** Begins nothing new, and gives what is in flight a moment. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const late = setTimeout(() => this.#cut.abort(), this.#ports.options.stopMs);
    await this.#consumer?.stop();
    clearTimeout(late);
  }

  async #join(): Promise<void> {
    const { log } = this.#ports.service;
    const { webhookId, generation, start } = this.#webhook;
    const group = groupOf(webhookId, generation);
    const { topics } = this.#selection;
    if (start !== 'start') await this.#place(group, start);
    const handle = (batch: Batch, context: BatchContext) => this.#handle(batch, context);
    this.#consumer = await log.consume({ group, topics, from: 'start', ...BATCH }, handle);
  }

  /** A group that has not begun starts where the webhook says; retention may have passed that place meanwhile. */
  async #place(group: string, start: readonly Position[]): Promise<void> {
    const { log } = this.#ports.service;
    const { topics } = this.#selection;
    if ((await log.committed(group, topics)).length > 0) return;
    const marks = await log.watermarks(topics);
    const places = start.flatMap((place) => {
      const mark = marks.find(({ topic, partition }) => topic === place.topic && partition === place.partition);
      return mark ? [{ ...place, offset: Math.min(mark.next, Math.max(mark.first, place.offset)) }] : [];
    });
    try {
      await log.resetOffsets(group, places);
    } catch (error) {
      if (!isLogError(error, 'LOG_GROUP_ACTIVE')) throw error; // another process has just done the same, and begun
    }
  }

  async #handle(batch: Batch, context: BatchContext): Promise<void> {
    const { service } = this.#ports;
    const lane = `${batch.topic}/${batch.partition}`;
    let next: number | null = null;
    let committedMs = performance.now();
    try {
      for await (const portion of service.read(batch.records.filter((record) => isWanted(record, this.#selection))))
        for (const { event, record } of portion) {
          if (!this.#repeats.has(event)) await this.#deliver(event, lane, context);
          this.#repeats.add(event);
          next = record.offset + 1;
          if (performance.now() - committedMs < COMMIT_EVERY_MS) continue;
          await context.commit(next);
          committedMs = performance.now();
        }
      const last = batch.records.at(-1);
      if (last) await context.commit(last.offset + 1);
    } catch (error) {
      this.tally.leave(lane);
      if (next !== null) await context.commit(next).catch(() => undefined); // else it is delivered again
      throw error;
    }
  }

  /** Returns when the receiver took it. @throws Stopped */
  async #deliver(event: CloudEvent, lane: string, context: BatchContext): Promise<void> {
    const { service, options, onGone } = this.#ports;
    for (let failures = 0; ; failures += 1) {
      const { epoch } = this.#webhook;
      const attempt = await this.#slots.run(() => this.#attempt(event, context));
      this.tally.note(lane, attempt, service.clock.wall());
      if (attempt.error === null) return;
      if (attempt.status === 410) {
        onGone(this.#webhook);
        this.#stopping.abort();
      }
      const waitMs = Math.max(attempt.retryAfterMs ?? 0, backoff(failures, options.backoffMs, Math.random));
      const untilMs = performance.now() + waitMs;
      // Somebody who changed the address, or resumed it, does not want to wait.
      while (performance.now() < untilMs && this.#webhook.epoch === epoch) {
        this.#assertRunning(context);
        await context.heartbeat();
        const signal = AbortSignal.any([this.#stopping.signal, context.signal]);
        await service.clock.sleep(Math.min(HEARTBEAT_EVERY_MS, Math.ceil(untilMs - performance.now())), signal);
      }
      this.#assertRunning(context);
    }
  }

  async #attempt(event: CloudEvent, context: BatchContext): Promise<Attempt> {
    this.#assertRunning(context);
    const { service, options, agents, allowPrivate } = this.#ports;
    const { url, secrets } = this.#webhook;
    const wallMs = service.clock.wall();
    const attempt = await post(event, {
      url,
      secrets: secrets.filter(signsAt(wallMs)).map(({ secret }) => secret),
      wallMs,
      timeoutMs: options.timeoutMs,
      signal: this.#cut.signal,
      allowPrivate,
      agents,
    });
    if (attempt.error !== null) this.#assertRunning(context); // cut off by ourselves: no failure of the receiver
    return attempt;
  }

  #assertRunning(context: BatchContext): void {
    if (this.#stopping.signal.aborted || context.signal.aborted)
      throw new Stopped('The webhook stops being delivered here.');
  }
}

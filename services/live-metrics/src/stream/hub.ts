/**
 * The stream's hub: every message is made once and sent to all clients. While nobody listens it does nothing. Snapshots go out
 * when something that was counted changed, four times a second at most; the feed as it comes.
 */
import type { ServerResponse } from 'node:http';
import type { Snapshot } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { metricsProblem } from '../errors.ts';
import type { MetricsSource } from '../source.ts';
import { type DropReason, frame, StreamClient } from './client.ts';
import type { Positions } from './positions.ts';
import { Tail } from './tail.ts';

export const HUB_BOUNDS = {
  clients_max: 2_000,
  tick_ms: 250,
  /** Without a new event the shares are looked at this seldom; windows move with the clock, too. */
  idle_tick_ms: 2_000,
  /** Reading the figures may take a tenth of the time at most, so that a wall of screens never slows down the calls. */
  rest_factor: 10,
  retry_ms: 1_000,
} as const;

export interface HubOptions {
  /** The service that lives as long as the process; generations come and go. */
  readonly service: ServiceContext;
  readonly source: MetricsSource;
  readonly onDropped?: (reason: DropReason) => void;
  readonly clientsMax: number;
}

interface Tailing {
  readonly tail: Tail;
  readonly ready: Promise<void>;
  readonly stopping: AbortController;
  readonly done: Promise<unknown>;
}

export class StreamHub {
  readonly #o: HubOptions;
  readonly #clients = new Set<StreamClient>();
  /** Clients on their way in: the tail must not end under them. */
  #arriving = 0;
  #tailing: Tailing | null = null;
  /** What the snapshot that was sent last was made of. */
  #sent = '';
  #lookedAtMs = 0;
  #lookTookMs = 0;
  #closed = false;

  constructor(options: HubOptions) {
    this.#o = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Serves one client until it goes; `open` writes the head and is called as soon as there are figures, which go out at once.
   * The newest events follow when they have been read back.
   * @throws HttpProblem METRICS_STREAM_FULL, METRICS_NOT_READY
   */
  async serve(from: Positions | null, open: () => ServerResponse): Promise<void> {
    if (this.#clients.size + this.#arriving >= this.#o.clientsMax)
      throw metricsProblem('METRICS_STREAM_FULL', `${this.#clients.size} clients are listening.`, 30);
    this.#arriving += 1;
    try {
      const { snapshot, version } = await this.#o.source.snapshot();
      if (this.#closed) throw metricsProblem('METRICS_NOT_READY', 'The service is stopping.', 5);
      this.#tailing ??= this.#begin();
      const { tail, ready } = this.#tailing;
      const response = open();
      response.on('error', () => undefined); // it is closed then, and that is all there is to do
      if (response.destroyed) return;
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      response.once('close', leave);
      response.write(`retry: ${HUB_BOUNDS.retry_ms}\n\n${frame('snapshot', snapshot)}`);
      if (this.#clients.size === 0) this.#sent = seenOf(snapshot, version);
      await Promise.race([ready, left]); // while the log is away, clients come and go, too
      this.#join(response, tail, from, seenOf(snapshot, version));
    } finally {
      this.#arriving -= 1;
      this.#endIfIdle();
    }
  }

  /** Nothing waits in here: what comes after the first messages goes to this client, too. */
  #join(response: ServerResponse, tail: Tail, from: Positions | null, seen: string): void {
    if (response.destroyed) return; // it left while it waited, and will not say so again
    const wall = this.#wall();
    const client = new StreamClient(response, wall, (reason) => {
      this.#clients.delete(client);
      this.#o.onDropped?.(reason);
    });
    if (this.#closed) {
      client.drop('stopping');
      return;
    }
    this.#clients.add(client);
    response.once('close', () => {
      this.#clients.delete(client);
      this.#endIfIdle();
    });
    const waiting = tail.takeNew();
    if (waiting) this.#broadcast(frame('events', waiting, tail.position), client);
    if (seen !== this.#sent) this.#sent = ''; // it waited while others were sent newer figures: the next look sends them to all
    client.send(frame('events', tail.since(from), tail.position), wall);
  }

  async stop(): Promise<void> {
    this.#closed = true;
    for (const client of [...this.#clients]) client.drop('stopping');
    await this.#end();
  }

  #endIfIdle(): void {
    if (this.#clients.size === 0 && this.#arriving === 0) void this.#end();
  }

  async #end(): Promise<void> {
    const tailing = this.#tailing;
    this.#tailing = null;
    tailing?.stopping.abort();
    await tailing?.done;
  }

  #begin(): Tailing {
    const tail = new Tail(this.#o.service);
    const stopping = new AbortController();
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    const done = Promise.all([this.#follow(tail, stopping.signal, resolve), this.#ticks(tail, stopping.signal)]);
    return { tail, ready, stopping, done };
  }

  /** A log that is away comes back; the tail goes on where it was. */
  async #follow(tail: Tail, signal: AbortSignal, onReady: () => void): Promise<void> {
    while (!signal.aborted) {
      await tail.run(signal, onReady).catch(() => undefined);
      await this.#o.service.clock.sleep(HUB_BOUNDS.retry_ms, signal);
    }
  }

  async #ticks(tail: Tail, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#o.service.clock.sleep(HUB_BOUNDS.tick_ms, signal);
      if (signal.aborted) return;
      const fresh = tail.takeNew();
      if (fresh) this.#broadcast(frame('events', fresh, tail.position));
      // Figures follow their events a moment later: looked at often for a while, then seldom.
      await this.#look(tail.quietMs(this.#wall()) < HUB_BOUNDS.idle_tick_ms).catch(() => undefined);
      const wall = this.#wall();
      for (const client of this.#clients) client.heartbeat(wall);
    }
  }

  async #look(busy: boolean): Promise<void> {
    const wall = this.#wall();
    const restMs = busy ? this.#lookTookMs * HUB_BOUNDS.rest_factor : HUB_BOUNDS.idle_tick_ms;
    if (wall - this.#lookedAtMs < restMs) return;
    const { snapshot, version } = await this.#o.source.snapshot();
    const seen = seenOf(snapshot, version);
    this.#lookTookMs = this.#wall() - wall;
    this.#lookedAtMs = wall;
    if (seen === this.#sent) return;
    this.#sent = seen;
    this.#broadcast(frame('snapshot', snapshot));
  }

  #broadcast(text: string, except?: StreamClient): void {
    const wall = this.#wall();
    for (const client of this.#clients) if (client !== except) client.send(text, wall);
  }

  #wall(): number {
    return this.#o.service.clock.wall();
  }
}

/** Windows move with the minute, even if nothing happens. */
const seenOf = ({ at }: Snapshot, version: string): string => `${version}@${at.slice(0, 16)}`;

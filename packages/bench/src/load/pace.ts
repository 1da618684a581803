/** Calls at a given pace, with the moment at which each was told completely. */
import { setTimeout } from 'node:timers/promises';
import { type CloudEventJson, callIdOf } from '@coachloop/contracts';
import { requestOf } from './calls.ts';
import { Sender } from './send.ts';

const TICK_MS = 50;

export interface PaceOptions {
  readonly url: string;
  readonly events: readonly CloudEventJson[];
  readonly eventsPerSecond: number;
}

export interface Paced {
  /** Our id of a call → wall-clock ms at which the last event that its score needs was posted: end or transcript. */
  readonly toldMs: ReadonlyMap<string, number>;
  readonly seconds: number;
}

/**
 * Whatever is due goes out every 50 ms, in the order of delivery. Where two requests are under way a third one waits, and that
 * counts: the moment of an event is the one at which it was due.
 */
export async function sendAtPace({ url, events, eventsPerSecond }: PaceOptions): Promise<Paced> {
  const sender = new Sender(url);
  const toldMs = new Map<string, number>();
  const parts = new Map<string, Set<string>>();
  const under: Promise<void>[] = [];
  const startMs = Date.now();
  for (let sent = 0; sent < events.length; ) {
    const due = Math.min(events.length, Math.ceil(((Date.now() - startMs) / 1_000) * eventsPerSecond));
    const batch = events.slice(sent, due);
    for (const event of batch) note(event, Date.now());
    if (batch.length > 0) under.push(sender.send(requestOf(batch)));
    sent = due;
    await setTimeout(TICK_MS);
  }
  await Promise.all(under);
  sender.close();
  return { toldMs, seconds: (Date.now() - startMs) / 1_000 };

  /** The first time counts: a repetition tells nothing new. */
  function note({ type, source, data }: CloudEventJson, atMs: number): void {
    if (type !== 'call.ended' && type !== 'transcript.completed') return;
    const id = callIdOf(source, (data as { readonly callId: string }).callId);
    const seen = parts.get(id) ?? new Set();
    parts.set(id, seen);
    if (!seen.has(type)) toldMs.set(id, atMs);
    seen.add(type);
  }
}

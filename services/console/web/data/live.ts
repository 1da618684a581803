/**
 * What is live, shared by all views: from the stream the latest snapshot, the newest events, and whether the connection stands;
 * and which of log and store do not answer, since then the stream stands still and says nothing. Components
 * read it with `useLive(selector)` and are drawn again only when what they selected has changed.
 */
import type { Feed, FeedItem, Snapshot } from '@coachloop/contracts';
import { useSyncExternalStore } from 'react';
import { getJson } from './client.ts';
import type { Outage, Status } from './types.ts';

export interface Live {
  readonly status: 'connecting' | 'live' | 'lost';
  /** Wall-clock ms of the browser. */
  readonly lostAtMs: number | null;
  readonly snapshot: Snapshot | null;
  /** When the newest counted event last was a newer one, wall-clock ms of the browser. */
  readonly newsAtMs: number;
  /** Newest first. */
  readonly events: readonly FeedItem[];
  /** Those of the loop alone: in a busy centre the steps of calls would push them out. */
  readonly loopEvents: readonly FeedItem[];
  readonly skipped: number;
  /** The newest events have been sent, be they none. */
  readonly fed: boolean;
  /** As the server that answers for the page sees it; empty also while that one does not answer itself. */
  readonly outages: readonly Outage[];
}

const EVENTS_KEPT = 200;
/** What comes faster is drawn together. */
const DRAW_MS_MIN = 200;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 15_000;
const URL = '/metrics/v1/stream';
const OUTAGES_EVERY_MS = 5_000;

let state: Live = {
  status: 'connecting',
  lostAtMs: null,
  snapshot: null,
  newsAtMs: Date.now(),
  events: [],
  loopEvents: [],
  skipped: 0,
  fed: false,
  outages: [],
};
const readers = new Set<() => void>();
const listeners = new Set<(items: readonly FeedItem[] | 'reconnected') => void>();

let coming: Partial<Live> = {};
let drawing: ReturnType<typeof setTimeout> | undefined;

/** Data are drawn a few times a second; a change of the connection at once. */
function set(change: Partial<Live>): void {
  coming = { ...coming, ...change };
  if (change.status !== undefined) draw();
  else drawing ??= setTimeout(draw, DRAW_MS_MIN);
}

function draw(): void {
  clearTimeout(drawing);
  drawing = undefined;
  state = { ...state, ...coming };
  coming = {};
  for (const reader of readers) reader();
}

const latest = (): Live => ({ ...state, ...coming });

let source: EventSource | null = null;
let retryMs = RETRY_MS_MIN;

/** Opens the stream, and keeps it open for as long as the page lives. */
export function connect(): void {
  source?.close();
  source = new EventSource(URL);
  source.onopen = () => {
    const again = state.status === 'lost';
    retryMs = RETRY_MS_MIN;
    set({ status: 'live', lostAtMs: null });
    if (again) for (const listener of listeners) listener('reconnected');
  };
  source.onerror = () => {
    if (state.status !== 'lost') set({ status: 'lost', lostAtMs: Date.now() });
    // After a refusal (503) the browser gives up; after a broken connection it tries again by itself.
    if (source?.readyState === EventSource.CLOSED) {
      setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    }
  };
  source.addEventListener('snapshot', (event) => {
    const snapshot = JSON.parse(event.data) as Snapshot;
    const news = snapshot.latestEventAt !== latest().snapshot?.latestEventAt;
    set(news ? { snapshot, newsAtMs: Date.now() } : { snapshot });
  });
  source.addEventListener('events', (event) => take(JSON.parse(event.data) as Feed));
}

/** Asks for as long as the page lives. After an outage everything is loaded again. */
export async function watchOutages(): Promise<never> {
  for (;;) {
    const outages = await getJson<Status>('/ops/v1/status?own=true').then(
      ({ notAnswering }) => notAnswering,
      () => [],
    );
    const before = latest().outages;
    if (outages.join() !== before.join()) {
      set({ outages });
      if (outages.length === 0) for (const listener of listeners) listener('reconnected');
    }
    await new Promise((resolve) => setTimeout(resolve, OUTAGES_EVERY_MS));
  }
}

function take({ items, skipped }: Feed): void {
  const { events, loopEvents, skipped: before } = latest();
  const known = new Set(events.map(({ id }) => id));
  // The log may hold an event twice (its publisher was unsure); the page shows it once.
  const fresh = items
    .filter(({ id }) => {
      const isNew = !known.has(id);
      known.add(id);
      return isNew;
    })
    .toReversed();
  if (fresh.length === 0) {
    set({ fed: true });
    return;
  }
  set({
    events: newest([...fresh, ...events]),
    loopEvents: newest([...fresh.filter(isOfLoop), ...loopEvents]),
    skipped: before + skipped,
    fed: true,
  });
  for (const listener of listeners) listener(fresh);
}

/** The log keeps the order within a partition alone; people read by time. */
const newest = (items: readonly FeedItem[]): readonly FeedItem[] =>
  items.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, EVENTS_KEPT);

/** Not the steps of a call, nor that triggers were looked at. */
const isOfLoop = ({ type }: FeedItem): boolean =>
  type !== 'training.trigger.evaluated' && /^(qa|training|evaluation)\./.test(type);

/** Called with each bunch of new events, and with `reconnected` when the stream is back. Returns how to stop it. */
export function onLive(listener: (items: readonly FeedItem[] | 'reconnected') => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const subscribe = (reader: () => void): (() => void) => {
  readers.add(reader);
  return () => readers.delete(reader);
};

export const useLive = <T>(select: (live: Live) => T): T => useSyncExternalStore(subscribe, () => select(state));

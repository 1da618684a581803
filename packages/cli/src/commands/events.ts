/** `events`: the public log as CloudEvents, one per line on stdout, from the beginning or from any place in it. */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { remark } from '../output.ts';

export interface EventsOptions {
  readonly url: string;
  readonly types?: string;
  /** start, now, a time, or a cursor. */
  readonly from: string;
  readonly follow?: boolean;
}

const RECONNECT_MS = { first: 250, max: 5_000 } as const;
/** How long a platform that is away is waited for; with --follow only. */
const PATIENCE_MS = 120_000;

export async function events(options: EventsOptions): Promise<void> {
  const client = new Client(options.url);
  // Each event says where to continue after it; so a broken connection costs nothing, and repeats nothing.
  let place = placeOf(options.from);
  let answeredMs = Number.NEGATIVE_INFINITY;
  for (let waitMs: number = RECONNECT_MS.first; ; waitMs = Math.min(RECONNECT_MS.max, waitMs * 2)) {
    try {
      if (options.follow && 'from' in place && place.from === 'now') {
        place = await pinned(client, options);
        answeredMs = performance.now();
      }
      for await (const line of await client.lines(pathOf(options, place))) {
        answeredMs = performance.now();
        if (line.trim() === '') continue; // a heartbeat
        await print(line);
        const { cursor } = JSON.parse(line) as { readonly cursor?: string };
        if (cursor !== undefined) place = { after: cursor };
        waitMs = RECONNECT_MS.first;
      }
      if (!options.follow) return;
      answeredMs = performance.now();
    } catch (error) {
      const passing =
        error instanceof CliError && (error.code === 'STREAM_BROKEN' || error.code === 'SERVER_UNREACHABLE');
      // Whoever never answered is more likely not running than restarting; without --follow a half is told from the whole.
      if (!options.follow || !passing || performance.now() - answeredMs > PATIENCE_MS) throw error;
      if (waitMs === RECONNECT_MS.first) remark(`${error.message} Trying again…`);
    }
    await setTimeout(waitMs);
  }
}

type Place = { readonly after: string } | { readonly from: string };

/** A time begins with its date, and may be no more than that; what is no word and no time is a cursor. */
function placeOf(from: string): Place {
  if (from === 'start' || from === 'now') return { from };
  if (!/^\d{4}-\d\d-\d\d/.test(from)) return { after: from };
  const ms = Date.parse(from);
  if (!Number.isNaN(ms)) return { from: new Date(ms).toISOString() };
  throw new CliError('ARGUMENT_INVALID', `--from ${JSON.stringify(from)} is no time, e.g. 2026-03-01T08:00:00Z.`);
}

/** Now, as a cursor: else what is published between a broken connection and the next one would be before the next one's now. */
async function pinned(client: Client, { types }: EventsOptions): Promise<Place> {
  const query = new URLSearchParams({ from: 'now', ...(types === undefined ? {} : { types }) });
  let text = '';
  for await (const line of await client.lines(`/events/v1?${query}`, { headers: { accept: 'application/json' } }))
    text += line;
  const { items, next } = JSON.parse(text) as { readonly items: readonly object[]; readonly next: string };
  for (const item of items) await print(JSON.stringify(item)); // published while it answered
  return { after: next };
}

function pathOf({ types, follow }: EventsOptions, place: Place): string {
  const query = new URLSearchParams({
    ...place,
    ...(types === undefined ? {} : { types }),
    ...(follow ? { follow: 'true' } : {}),
  });
  return `/events/v1?${query}`;
}

/** As slow as whoever reads us. */
async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

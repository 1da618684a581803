/** The live stream: a thousand clients on one platform, against one client. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PUBLIC_TOPICS } from '@coachloop/contracts';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { agentsFor, eventsOf } from '../load/calls.ts';
import { sendAtPace } from '../load/pace.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { withPlatform } from '../platform/platform.ts';
import { warmUp } from '../platform/run.ts';
import { type Heard, listenWhile } from '../sse/clients.ts';
import { quantile } from '../statistics.ts';

const QUICK = { clients: 20, seconds: 2, callsPerSecond: 5, warmUp: 40 };
const FULL = { clients: 1_000, seconds: 30, callsPerSecond: 10, warmUp: 2_000 };
/** After the last event, for the clients to hear of it: the stream sends four times a second. */
const LATE_MS = 1_000;

interface Stream {
  /** Ms of each event at each client: from its append until it was there. */
  readonly delays: Delays;
  readonly deliveredPerSecond: number;
  readonly dropped: number;
  readonly cpuShare: number;
}

async function round({ quick, folder, note }: Settings) {
  const size = quick ? QUICK : FULL;
  const one = await stream(join(folder, 'one'), { ...size, clients: 1 });
  const many = await stream(join(folder, 'many'), size);
  note(
    `${size.clients} clients against one, ${size.callsPerSecond} calls/s for ${size.seconds} s; the stream sends four times a second`,
  );
  if (many.dropped > 0) note(`${many.dropped} clients were dropped because they were too slow`);
  return {
    one50: one.delays.at(0.5),
    one99: one.delays.at(0.99),
    many50: many.delays.at(0.5),
    many99: many.delays.at(0.99),
    delivered: many.deliveredPerSecond,
    deliveredOne: one.deliveredPerSecond,
    cpuOne: one.cpuShare * 100,
    cpuMany: many.cpuShare * 100,
  };
}

async function stream(
  directory: string,
  { clients, seconds, callsPerSecond, warmUp: first }: typeof FULL,
): Promise<Stream> {
  const calls = callsPerSecond * seconds;
  const events = [...eventsOf({ calls, agents: agentsFor(calls) })];
  const eventsPerSecond = events.length / seconds;
  let lasted = 0;
  let cpuMs = 0;
  const heard = await withPlatform({ directory }, async (platform) => {
    const { url } = platform;
    await warmUp(platform, first);
    return listenWhile({ url, clients }, async () => {
      const before = await platform.usage();
      const startMs = performance.now();
      await sendAtPace({ url, events, eventsPerSecond });
      await platform.atRest();
      await setTimeout(LATE_MS);
      cpuMs = (await platform.usage()).cpuMs - before.cpuMs;
      // Of both: what is delivered, and what the processor did, until the last client has heard of the last event.
      lasted = (performance.now() - startMs) / 1_000;
    });
  });
  const delays = delaysOf(heard, await appendedMs(join(directory, 'log.sqlite')));
  return {
    delays,
    deliveredPerSecond: delays.count / lasted,
    dropped: heard.dropped,
    cpuShare: cpuMs / 1_000 / lasted,
  };
}

/** A million deliveries are counted by ms, not kept one by one. */
class Delays {
  readonly #counts = new Map<number, number>();
  count = 0;

  add(ms: number, times: number): void {
    this.#counts.set(ms, (this.#counts.get(ms) ?? 0) + times);
    this.count += times;
  }

  /** @param share 0 to 1 */
  at(share: number): number {
    let left = share * this.count;
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    for (const [ms, times] of sorted) {
      left -= times;
      if (left <= 0) return ms;
    }
    return quantile([], share);
  }
}

function delaysOf({ frames }: Heard, appended: ReadonlyMap<string, number>): Delays {
  const delays = new Delays();
  for (const { ids, arrivals } of frames)
    for (const id of ids) {
      const ms = appended.get(id);
      if (ms !== undefined) for (const [arrivedMs, clients] of arrivals) delays.add(arrivedMs - ms, clients);
    }
  return delays;
}

async function appendedMs(file: string): Promise<ReadonlyMap<string, number>> {
  const log = await openEmbeddedLog({ file, clock: Date });
  const found = new Map<string, number>();
  for await (const records of log.scan({ topics: PUBLIC_TOPICS, from: 'start' }))
    for (const { headers, timestampMs } of records) found.set(Buffer.from(headers.ce_id ?? []).toString(), timestampMs);
  await log.close();
  return found;
}

export const sse: MeasureSpec = {
  name: 'sse',
  title: 'Live stream: a thousand clients',
  rounds: 3,
  rows: [
    { key: 'one50', name: 'one client, p50 from append to arrival', unit: 'ms' },
    { key: 'one99', name: 'one client, p99', unit: 'ms' },
    { key: 'many50', name: 'many clients, p50', unit: 'ms', over: 'one50' },
    { key: 'many99', name: 'many clients, p99', unit: 'ms', over: 'one99' },
    { key: 'deliveredOne', name: 'delivered to one', unit: 'events/s' },
    { key: 'delivered', name: 'delivered to many, in all', unit: 'events/s' },
    { key: 'cpuOne', name: 'processor of the platform, one client', unit: '% of a core' },
    { key: 'cpuMany', name: 'processor of the platform, many', unit: '% of a core', over: 'cpuOne' },
  ],
  round,
};

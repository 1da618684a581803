/** Memory and time per call, early and after many calls: neither may grow with what has been. */
import { join } from 'node:path';
import type { CloudEventJson } from '@coachloop/contracts';
import { DEFAULT_CONFIG, type SimulatorConfig } from '@coachloop/simulator';
import { EVENTS_PER_REQUEST, eventsOf, type Request, requestsOf } from '../load/calls.ts';
import { Sender } from '../load/send.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { type PlatformProcess, withPlatform } from '../platform/platform.ts';

const CALLS = 1_000_000;
const QUICK_CALLS = 1_000;
const PARTS = 10;
const CALLS_PER_AGENT = 1_000;
/** Short calls without what is not needed for a score, so that a million of them can be waited for. */
const SMALL: SimulatorConfig = {
  ...DEFAULT_CONFIG,
  calls: { ...DEFAULT_CONFIG.calls, turns: { min: 12, max: 12 }, surveyShare: 0, liveTranscriptShare: 0 },
  delivery: { ...DEFAULT_CONFIG.delivery, duplicateShare: 0, delayShare: 0, agentStates: false },
};

interface Part {
  readonly msPerCall: number;
  readonly rssMiB: number;
}

async function round({ quick, calls: given, folder, say, note }: Settings) {
  const calls = given ?? (quick ? QUICK_CALLS : CALLS);
  const each = Math.floor(calls / PARTS);
  const events = eventsOf({ calls, agents: Math.max(20, Math.round(calls / CALLS_PER_AGENT)), config: SMALL });
  const parts = await withPlatform({ directory: join(folder, 'platform') }, async (platform) => {
    const found: Part[] = [];
    for (let n = 1; n <= PARTS; n += 1) {
      // One part after the other, before its clock runs: a million calls would not fit into memory.
      const requests = [...requestsOf(part(events, n < PARTS ? each : Number.POSITIVE_INFINITY), EVENTS_PER_REQUEST)];
      found.push(await feed(platform, requests, each));
      say(`  ${n * each} calls: ${JSON.stringify(found.at(-1))}`);
    }
    return found;
  });
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) throw new RangeError('There were no calls.');
  note(`${calls} calls of 12 utterances, ${CALLS_PER_AGENT} to each agent; the first and the last tenth`);
  return { rssFirst: first.rssMiB, rssLast: last.rssMiB, timeFirst: first.msPerCall, timeLast: last.msPerCall };
}

/** The events until so many calls have begun; what is still to come of those goes with the next part. */
function* part(events: Iterator<CloudEventJson>, calls: number): Generator<CloudEventJson> {
  let begun = 0;
  while (begun < calls) {
    const next = events.next();
    if (next.done) return;
    if (next.value.type === 'call.queued') begun += 1;
    yield next.value;
  }
}

async function feed(platform: PlatformProcess, requests: readonly Request[], calls: number): Promise<Part> {
  const sender = new Sender(platform.url);
  const startMs = Date.now();
  await sender.sendAll(requests);
  const { handledMs } = await platform.atRest();
  sender.close();
  return { msPerCall: (handledMs - startMs) / calls, rssMiB: (await platform.usage()).rssMiB };
}

const atMost = (ratio: number) => ({ atMost: ratio, of: 'ratio' }) as const;

export const memory: MeasureSpec = {
  name: 'memory',
  title: 'Memory and time after many calls',
  rounds: 1,
  long: true,
  rows: [
    { key: 'rssFirst', name: 'memory after the first tenth', unit: 'MiB' },
    { key: 'rssLast', name: 'memory after all', unit: 'MiB', over: 'rssFirst', goal: atMost(1.2) },
    { key: 'timeFirst', name: 'time per call in the first tenth', unit: 'ms' },
    { key: 'timeLast', name: 'time per call in the last tenth', unit: 'ms', over: 'timeFirst', goal: atMost(1.2) },
  ],
  round,
};

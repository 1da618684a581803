/** From the end of a call to the training that it leads to, at half of the greatest load. */
import { join } from 'node:path';
import type { LogRecord } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { DEFAULT_CONFIG } from '@coachloop/simulator';
import { agentsFor, eventsOf, requestsOf } from '../load/calls.ts';
import { sendAtPace } from '../load/pace.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { withPlatform } from '../platform/platform.ts';
import { run, warmUp } from '../platform/run.ts';
import { quantile } from '../statistics.ts';

const QUICK = { seconds: 4, greatestOf: 100, warmUp: 40 };
const FULL = { seconds: 60, greatestOf: 10_000, warmUp: 2_000 };
/** Few calls to each agent: it is a first case that leads to a training, and there is one per agent and competency. */
const CALLS_PER_AGENT = 10;
const IDLE_SHARE = 0.1;
/** Fewer give no training at all. */
const CALLS_MIN = 60;
/** Half of the agents are weak in something, so that there are enough trainings for a p99. */
const CONFIG = { ...DEFAULT_CONFIG, agents: { ...DEFAULT_CONFIG.agents, weakShare: 0.5 } };

async function round(settings: Settings) {
  const { quick, folder, note } = settings;
  const { seconds, greatestOf, warmUp: first } = quick ? QUICK : FULL;
  const greatest = settings.greatest ?? (await greatestLoad(join(folder, 'greatest'), greatestOf));
  const idle = await delays(join(folder, 'idle'), greatest * IDLE_SHARE, seconds, first);
  const half = await delays(join(folder, 'half'), greatest / 2, seconds, first);
  note(
    `at half load ${half.length} trainings per round, at a tenth of the greatest ${idle.length}; ${seconds} seconds each`,
  );
  note('from posting what was last needed of the call (its end, or its transcript) to appending training.assigned');
  return {
    load: greatest / 2,
    idle50: quantile(idle, 0.5),
    idle99: quantile(idle, 0.99),
    half50: quantile(half, 0.5),
    half99: quantile(half, 0.99),
  };
}

async function greatestLoad(directory: string, calls: number): Promise<number> {
  const requests = [...requestsOf(eventsOf({ calls, agents: agentsFor(calls) }))];
  return calls / (await withPlatform({ directory }, (platform) => run(platform, requests))).handledSeconds;
}

/** Ms of each training that was assigned. */
async function delays(directory: string, wanted: number, seconds: number, first: number): Promise<readonly number[]> {
  const callsPerSecond = Math.max(wanted, CALLS_MIN / seconds);
  const calls = Math.round(callsPerSecond * seconds);
  const agents = Math.max(20, Math.round(calls / CALLS_PER_AGENT));
  const events = [...eventsOf({ calls, agents, config: CONFIG })];
  const eventsPerSecond = callsPerSecond * (events.length / calls);
  const { toldMs } = await withPlatform({ directory }, async (platform) => {
    await warmUp(platform, first);
    const paced = await sendAtPace({ url: platform.url, events, eventsPerSecond });
    await platform.atRest();
    return paced;
  });
  return delaysIn(join(directory, 'log.sqlite'), toldMs);
}

const dataOf = <T>({ value }: LogRecord): T => JSON.parse(Buffer.from(value ?? []).toString('utf8')) as T;

async function delaysIn(file: string, toldMs: ReadonlyMap<string, number>): Promise<readonly number[]> {
  const log = await openEmbeddedLog({ file, clock: Date });
  const causeMs = new Map<string, number>();
  const found: number[] = [];
  for await (const records of log.scan({ topics: ['training-events'], from: 'start' }))
    for (const record of records) {
      const type = Buffer.from(record.headers.ce_type ?? []).toString();
      if (type === 'training.case.opened') {
        const { caseId, trigger } = dataOf<{ caseId: string; trigger: { calls: { callId: string }[] } }>(record);
        causeMs.set(
          caseId,
          Math.max(...trigger.calls.map(({ callId }) => toldMs.get(callId) ?? Number.NEGATIVE_INFINITY)),
        );
      }
      if (type !== 'training.assigned') continue;
      const cause = causeMs.get(dataOf<{ caseId: string }>(record).caseId);
      if (cause !== undefined && Number.isFinite(cause)) found.push(record.timestampMs - cause);
    }
  await log.close();
  return found;
}

const below = (ms: number) => ({ atMost: ms, of: 'figure' }) as const;

export const latency: MeasureSpec = {
  name: 'latency',
  title: 'From the end of a call to its training',
  rounds: 3,
  rows: [
    { key: 'idle50', name: 'p50 at a tenth of the greatest load', unit: 'ms' },
    { key: 'idle99', name: 'p99 at a tenth of the greatest load', unit: 'ms' },
    { key: 'half50', name: 'p50 at half of the greatest load', unit: 'ms', over: 'idle50' },
    // Not over idle99: of so few trainings that is nearly the slowest, and a ratio to it would say nothing.
    { key: 'half99', name: 'p99 at half of the greatest load', unit: 'ms', goal: below(1_000) },
    { key: 'load', name: 'half of the greatest load', unit: 'calls/s' },
  ],
  round,
};

/** What each service costs: they are switched on one after another, in the order of the loop. */
import { join } from 'node:path';
import { agentsFor, eventsOf, requestsOf } from '../load/calls.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { withPlatform } from '../platform/platform.ts';
import { run } from '../platform/run.ts';

const QUICK_CALLS = 100;
const CALLS = 5_000;

const STAGES = [
  { key: 'call-ingest', name: 'HTTP and call-ingest' },
  { key: 'qa-scoring', name: 'qa-scoring' },
  { key: 'training-assignment', name: 'training-assignment' },
  { key: 'evaluation', name: 'evaluation' },
  { key: 'notification', name: 'notification' },
  { key: 'live-metrics', name: 'live-metrics' },
] as const;

async function round({ quick, calls: given, folder, say, note }: Settings) {
  const calls = given ?? (quick ? QUICK_CALLS : CALLS);
  const requests = [...requestsOf(eventsOf({ calls, agents: agentsFor(calls) }))];
  const figures: Record<string, number> = {};
  let before = 0;
  for (const [i, { key, name }] of STAGES.entries()) {
    say(`  up to ${name}`);
    const services = STAGES.slice(0, i + 1).map((stage) => stage.key);
    const options = { directory: join(folder, key), services };
    const { cpuSeconds } = await withPlatform(options, (platform) => run(platform, requests));
    const cost = (cpuSeconds * 1_000) / calls;
    figures[key] = cost - before;
    before = cost;
  }
  note(
    `${calls} calls of ${agentsFor(calls)} agents; a service that adds less than another run differs may come out below 0`,
  );
  return { ...figures, all: before };
}

export const stages: MeasureSpec = {
  name: 'stages',
  title: 'What each service adds to the processor time of a call',
  rounds: 3,
  rows: [
    { key: 'all', name: 'all services', unit: 'ms/call' },
    ...STAGES.map(({ key, name }) => ({ key, name, unit: 'ms/call', over: 'all' })),
  ],
  round,
};

/** Where the processor time of a call goes, by part of the project. */
import { join } from 'node:path';
import { agentsFor, eventsOf, requestsOf } from '../load/calls.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { withPlatform } from '../platform/platform.ts';
import { run } from '../platform/run.ts';
import { COLLECTOR, OTHERS, sumsOf } from '../profile.ts';

const QUICK_CALLS = 100;
const CALLS = 10_000;

const PARTS = [
  'packages/runtime',
  'packages/document-store',
  'packages/event-log',
  'packages/contracts',
  'packages/service-kit',
  'packages/scorecard',
  'services/call-ingest',
  'services/qa-scoring',
  'services/training-assignment',
  'services/evaluation',
  'services/notification',
  'services/live-metrics',
  'libraries',
  COLLECTOR,
  OTHERS,
] as const;

const OTHER_THREADS = 'other threads';
const SHOWN = 25;

async function round({ quick, calls: given, folder, note, say }: Settings) {
  const calls = given ?? (quick ? QUICK_CALLS : CALLS);
  const profiles = join(folder, 'profiles');
  const requests = [...requestsOf(eventsOf({ calls, agents: agentsFor(calls) }))];
  const options = { directory: join(folder, 'platform'), profiles };
  const { cpuSeconds, mainSeconds } = await withPlatform(options, (platform) => run(platform, requests));
  const { parts, functions } = sumsOf(profiles, /\/bench\/src\/platform\/child\.ts$/);
  for (const [name, share] of [...functions].slice(0, SHOWN))
    say(`  ${(share * 100).toFixed(1).padStart(5)} % ${name}`);
  note(
    `${calls} calls; time belongs to the innermost function of the project; other threads write files and collect garbage`,
  );
  const each = (seconds: number) => (seconds * 1_000) / calls;
  const known: ReadonlySet<string> = new Set(PARTS);
  const unknown = [...parts].reduce((sum, [name, share]) => (known.has(name) ? sum : sum + share), 0);
  const shareOf = (part: string) => (parts.get(part) ?? 0) + (part === OTHERS ? unknown : 0);
  return {
    ...Object.fromEntries(PARTS.map((part) => [part, shareOf(part) * each(mainSeconds)])),
    [OTHER_THREADS]: each(cpuSeconds - mainSeconds),
    all: each(cpuSeconds),
  };
}

export const profile: MeasureSpec = {
  name: 'profile',
  title: 'Where the processor time of a call goes',
  rounds: 1,
  rows: [
    { key: 'all', name: 'all of it', unit: 'ms/call' },
    ...[...PARTS, OTHER_THREADS].map((part) => ({ key: part, name: part, unit: 'ms/call', over: 'all' })),
  ],
  round,
};

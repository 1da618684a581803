/**
 * How fast a generation follows the log, and what a snapshot costs: `node bench/project.ts [calls]`. Memory adapters, one
 * process; eight events per call, as the demo centre makes them, over 14 days, 200 agents, 20 questions per evaluation.
 */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { RunningService } from '@coachloop/runtime';
import { lagOf, systemClock } from '@coachloop/service-kit';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';
import { collectionsOf, generationDefinition } from '../src/generation.ts';
import { MetricsSource } from '../src/source.ts';
import { answer, completed, DAY, type Given, recordOf, scored, step } from '../test/given.ts';

const calls = Number(process.argv[2] ?? 10_000);
const log = createMemoryLog({ clock: systemClock });
const store = createMemoryStore();
const definition = generationDefinition(1, DEFAULT_POLICY);
await log.createTopics(['call-events', 'qa-events'].map((name) => ({ name, partitions: 12 })));

const now = Date.now();
const eventsOf = (n: number): readonly Given[] => {
  const at = now - Math.floor((14 * DAY * n) / calls);
  const more = {
    waitSeconds: n % 60,
    talkSeconds: 200 + (n % 90),
    queue: `queue ${n % 5}`,
    customerHash: `c${n % 5_000}`,
  };
  const answers = Array.from({ length: 20 }, (_, i) => answer(`question ${i}`, (n + i) % 4 === 0 ? 'no' : 'yes'));
  return [
    step('call.queued', n, 'none', 'queued', at),
    step('call.ringing', n, 'queued', 'ringing', at),
    step('call.answered', n, 'ringing', 'talking', at),
    step('call.ended', n, 'talking', 'wrapup', at),
    step('call.wrapup.ended', n, 'wrapup', 'done', at),
    step('transcript.completed', n, 'done', 'done', at, { segments: 40 }),
    completed({ n, endedAt: at, agent: n % 200, stage: { from: 'done', to: 'done' }, more }),
    scored({ n, score: (n * 7) % 101, agent: n % 200, endedAt: at, more: { answers } }),
  ];
};
let events = 0;
for (let n = 0; n < calls; n += 500) {
  const records = Array.from({ length: Math.min(500, calls - n) }, (_, i) => eventsOf(n + i))
    .flat()
    .map((event, i) => recordOf(event, events + i));
  events += records.length;
  await log.append(records);
}

const startMs = performance.now();
const startCpu = process.threadCpuUsage();
const cpuSeconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1e6;
};
const service = await RunningService.start(definition, { log, store, clock: systemClock });
for (;;) {
  const lags = await lagOf(log, service.name, service.topics);
  if (lags.every(({ records }) => records === 0)) break;
  await systemClock.sleep(20);
}
const seconds = (performance.now() - startMs) / 1000;
const perCpu = Math.round(events / cpuSeconds(startCpu));
console.log(
  `${events} events in ${seconds.toFixed(1)} s: ${Math.round(events / seconds)} events/s, ${perCpu} per second of CPU`,
);

const source = new MetricsSource({
  shown: () => ({ generation: 1, service }),
  policy: DEFAULT_POLICY,
  health: () => null,
});
const shares = await store.scan(collectionsOf(1).shares, { limit: 1_000 });
const bytes = shares.map(({ body }) => JSON.stringify(body.state).length);
const rounds = 20;
const readCpu = process.threadCpuUsage();
for (let i = 0; i < rounds; i += 1) await new MetricsSource(source.options).snapshot();
const readEach = (1000 * cpuSeconds(readCpu)) / rounds;
const text = JSON.stringify((await source.snapshot()).snapshot);
console.log(`${shares.length} shares, the largest ${Math.round(Math.max(...bytes) / 1000)} kB`);
console.log(
  `reading and merging: ${readEach.toFixed(1)} ms of CPU; a snapshot is ${Math.round(text.length / 1000)} kB`,
);
await service.stop();

/** How fast calls are made: `node bench/generate.ts [calls] [agents]`. One core; the events are made and counted, not sent. */
import { batch } from '../src/index.ts';

const calls = Number(process.argv[2] ?? 50_000);
const agents = Number(process.argv[3] ?? 200);
for (const stringify of [false, true]) {
  let [events, bytes] = [0, 0];
  const startMs = performance.now();
  const startCpu = process.threadCpuUsage();
  for (const { event } of batch({ seed: 1, agents, calls })) {
    events++;
    if (stringify) bytes += JSON.stringify(event).length;
  }
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = process.threadCpuUsage(startCpu);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const rss = Math.round(process.memoryUsage.rss() / 1e6);
  const what = stringify ? 'made and written as JSON' : 'made';
  console.log(
    `${what}: ${Math.round(calls / seconds)} calls/s (${Math.round(calls / cpuSeconds)} per second of CPU), ${Math.round(events / seconds)} events/s, ${events} events, ${Math.round(bytes / calls)} chars/call, RSS ${rss} MB`,
  );
}

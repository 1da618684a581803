/**
 * How many calls per second two services handle: `node bench/handling.ts [calls] [memory|embedded]`. Each call is three events
 * from outside; each of them is an output of the call, and each output is heard by an agent, who says something in turn. Agents
 * are of one partition each, as they are where events are keyed by agent: else one would measure version conflicts.
 */
import { rm } from 'node:fs/promises';
import { PARTITIONS } from '@coachloop/contracts';
import { partitionOf } from '@coachloop/event-log';
import { TestClock } from '../src/testing.ts';
import { memory, newFolder, openFolder } from '../test/harness/adapters.ts';
import { agentsService, callsService } from '../test/harness/services.ts';
import { foreign, NOW, World } from '../test/harness/world.ts';

const calls = Number(process.argv[2] ?? 20_000);
const kind = process.argv[3] ?? 'memory';
const EVENTS = 3;
const AGENTS = 16;

const clock = new TestClock(NOW);
const directory = newFolder();
const adapters = kind === 'memory' ? await memory.open(clock) : await openFolder(directory, clock);
const world = new World(clock, adapters);
for (let event = 0; event < EVENTS; event += 1)
  for (let first = 0; first < calls; first += 500)
    await world.send(
      ...Array.from({ length: Math.min(500, calls - first) }, (_, i) => {
        const callId = `c${first + i}`;
        const note = `${event}`;
        return foreign(`${callId}/${event}`, {
          callId,
          note,
          agentId: `a${partitionOf(callId, PARTITIONS)}.${i % AGENTS}`,
          pad: 1_000,
        });
      }),
    );
const quietly = { timersEveryMs: 100, sweepEveryMs: 2_000, flushEveryMs: 250, flushAfterMs: 2_000 };
const startMs = performance.now();
const startCpu = process.cpuUsage();
await world.start(callsService(), quietly);
await world.start(agentsService(), quietly);
await world.handledAll();
const seconds = (performance.now() - startMs) / 1_000;
const { user, system } = process.cpuUsage(startCpu);
const messages = calls * EVENTS * 2;
// On a machine that does other things too, the time on the processor says more than the clock.
const cpuMicrosPerMessage = +((user + system) / messages).toFixed(1);
const line = { adapters: kind, calls, seconds: +seconds.toFixed(2), callsPerSecond: Math.round(calls / seconds) };
console.log(JSON.stringify({ ...line, messagesPerSecond: Math.round(messages / seconds), cpuMicrosPerMessage }));
await Promise.all(world.services.map((service) => service.stop()));
await adapters.close();
await rm(directory, { recursive: true, force: true });

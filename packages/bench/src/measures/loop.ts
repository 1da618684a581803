/** The whole loop on the embedded default, against the log alone taking the same bytes. */
import { join } from 'node:path';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { appendSeconds, batchesOf, bytesOf, inputRecord, recordsIn } from '../load/append.ts';
import { agentsFor, EVENTS_PER_REQUEST, eventsOf, requestOf } from '../load/calls.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { withPlatform } from '../platform/platform.ts';
import { run } from '../platform/run.ts';

const QUICK_CALLS = 300;
const CALLS = 20_000;

async function round({ quick, calls: given, folder, note }: Settings) {
  const calls = given ?? (quick ? QUICK_CALLS : CALLS);
  const directory = join(folder, 'platform');
  const batches = [...batchesOf(eventsOf({ calls, agents: agentsFor(calls) }), EVENTS_PER_REQUEST)];
  const requests = batches.map(requestOf);
  const whole = await withPlatform({ directory }, (platform) => run(platform, requests));
  const inputs = batches.map((events) => events.map(inputRecord));
  const input = await appendSeconds(join(folder, 'input.sqlite'), inputs);
  const log = await openEmbeddedLog({ file: join(directory, 'log.sqlite'), clock: Date });
  const appended = await recordsIn(log);
  await log.close();
  const all = await appendSeconds(join(folder, 'all.sqlite'), [...batchesOf(appended, EVENTS_PER_REQUEST)]);
  const inputBytes = inputs.reduce((sum, batch) => sum + bytesOf(batch), 0);
  note(`${calls} calls of ${agentsFor(calls)} agents, ${(inputs.flat().length / calls).toFixed(1)} events each`);
  const kB = (bytes: number) => (bytes / calls / 1_000).toFixed(1);
  note(
    `per call ${kB(inputBytes)} kB came in, and ${kB(bytesOf(appended))} kB in ${(appended.length / calls).toFixed(1)} records went into the log`,
  );
  if (whole.refused > 0) note(`the platform asked the sender to wait ${whole.refused} times`);
  return {
    rest: calls / whole.restSeconds,
    handled: calls / whole.handledSeconds,
    input: calls / input,
    all: calls / all,
    restOfInput: calls / whole.restSeconds,
    cpu: (whole.cpuSeconds * 1_000) / calls,
    main: (whole.mainSeconds * 1_000) / calls,
    // Over the same span as the processor time.
    wall: (whole.restSeconds * 1_000) / calls,
  };
}

export const loop: MeasureSpec = {
  name: 'loop',
  title: 'Whole loop on the embedded default',
  rounds: 3,
  rows: [
    { key: 'input', name: 'the input alone, appended to the log', unit: 'calls/s' },
    { key: 'all', name: 'all that the loop appends, appended alone', unit: 'calls/s' },
    {
      key: 'handled',
      name: 'loop, until all is scored, assigned and counted',
      unit: 'calls/s',
      over: 'all',
    },
    {
      key: 'rest',
      name: 'loop, until every outbox is empty too',
      unit: 'calls/s',
      over: 'all',
      goal: { atLeast: 0.3, of: 'ratio' },
    },
    { key: 'restOfInput', name: 'the same, of the input alone', unit: 'calls/s', over: 'input' },
    { key: 'wall', name: 'time per call, until every outbox is empty', unit: 'ms/call' },
    { key: 'main', name: 'of it on the processor: main thread', unit: 'ms/call', over: 'wall' },
    { key: 'cpu', name: 'of it on the processor: all threads', unit: 'ms/call', over: 'wall' },
  ],
  round,
};

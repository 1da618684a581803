/** `demo`: the demo centre calls a platform that runs somewhere, on that platform's clock. */
import { setTimeout } from 'node:timers/promises';
import { Client, PATIENCE_MS } from '../client.ts';
import { startDemo } from '../demo/centre.ts';
import { explain } from '../explain.ts';
import { remark } from '../output.ts';
import { clockOfPlatform } from '../replay/clock.ts';
import { stopOnSignals } from '../signals.ts';

export interface DemoOptions {
  readonly url: string;
  readonly agents: number;
}

const STOP_MS_MAX = 5_000;
const SYNC_EVERY_MS = 1_000;
/** Numbers of calls follow from the time at which a run begins, well apart from those of any other run. */
const NUMBERS_PER_SECOND = 10;

export async function demo({ url, agents }: DemoOptions): Promise<void> {
  const onStop = stopOnSignals(STOP_MS_MAX);
  // Whoever starts all processes of an installation at once starts this one with them.
  const clock = await clockOfPlatform(new Client(url, PATIENCE_MS, PATIENCE_MS));
  const startMs = Math.round(clock.now());
  const sleep = (realMs: number, signal?: AbortSignal): Promise<void> =>
    setTimeout(realMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  const centre = startDemo({
    url,
    clock: { now: clock.now, sleep },
    startMs,
    agents,
    firstCall: Math.floor((startMs / 1_000) * NUMBERS_PER_SECOND),
    onFailed: explain,
  });
  const stopping = new AbortController();
  onStop(async () => {
    stopping.abort();
    await centre.stop();
  });
  remark(
    `A demo centre of ${agents} agents calls ${url}, whose clock runs ${clock.speed} times as fast. Ctrl-C stops it.`,
  );
  while (!stopping.signal.aborted) {
    await sleep(SYNC_EVERY_MS, stopping.signal);
    await clock.sync().catch(() => undefined); // it is away; the clock goes on as it did
  }
}

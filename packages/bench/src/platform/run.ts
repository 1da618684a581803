/** One run of calls through a platform in another process. */
import { agentsFor, eventsOf, type Request, requestsOf } from '../load/calls.ts';
import { Sender } from '../load/send.ts';
import type { PlatformProcess } from './platform.ts';

export interface Run {
  /** From the first post until no service has anything left to read. */
  readonly handledSeconds: number;
  /** Until every outbox was empty as well; a document at rest keeps what it said for two seconds. */
  readonly restSeconds: number;
  /** Of all threads of the platform, until rest. */
  readonly cpuSeconds: number;
  readonly mainSeconds: number;
  readonly refused: number;
}

export async function run(platform: PlatformProcess, requests: Iterable<Request>): Promise<Run> {
  const sender = new Sender(platform.url);
  const before = await platform.usage();
  const startMs = Date.now();
  await sender.sendAll(requests);
  const { handledMs, restMs } = await platform.atRest();
  const after = await platform.usage();
  sender.close();
  return {
    handledSeconds: (handledMs - startMs) / 1_000,
    restSeconds: (restMs - startMs) / 1_000,
    cpuSeconds: (after.cpuMs - before.cpuMs) / 1_000,
    mainSeconds: (after.mainMs - before.mainMs) / 1_000,
    refused: sender.refused,
  };
}

const OTHER_SEED = 2;

/** Calls of another centre, before anything counts: who asks for a p99 must not be told how code is compiled. */
export async function warmUp(platform: PlatformProcess, calls: number): Promise<void> {
  await run(platform, requestsOf(eventsOf({ calls, agents: agentsFor(calls), seed: OTHER_SEED })));
}

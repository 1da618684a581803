/** The clock of the platform that is fed: a demo's runs fast, waits where it must, and says how fast it is. */
import type { Client } from '../client.ts';
import { CliError } from '../errors.ts';

export interface PlatformClock {
  now(): number;
  readonly speed: number;
  /** Sets it by the platform's. */
  sync(): Promise<void>;
}

export async function clockOfPlatform(client: Client): Promise<PlatformClock> {
  const ask = async () => {
    const demo = await client.get<{ now: string; speed: number; pace: number }>('/demo/v1');
    const atMs = Date.parse(demo.now);
    if (Number.isNaN(atMs) || !(demo.speed > 0))
      throw new CliError('SERVER_OTHER', 'The platform does not tell its time.');
    return { ...demo, atMs, sinceMs: performance.now() };
  };
  let known = await ask();
  let saidMs = known.atMs;
  return {
    // Never back: what was sent at one moment is not sent again.
    now: () => {
      saidMs = Math.max(saidMs, known.atMs + (performance.now() - known.sinceMs) * known.pace);
      return saidMs;
    },
    speed: known.speed,
    sync: async () => {
      known = await ask();
    },
  };
}

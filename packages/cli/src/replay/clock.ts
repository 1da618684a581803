/** The clock of the platform that is fed: a demo's runs fast, and says how fast. */
import type { Client } from '../client.ts';
import { CliError } from '../errors.ts';

export interface PlatformClock {
  now(): number;
  readonly speed: number;
}

export async function clockOfPlatform(client: Client): Promise<PlatformClock> {
  const demo = await client.get<{ now: string; speed: number }>('/demo/v1');
  const [startMs, sinceMs] = [Date.parse(demo.now), performance.now()];
  if (Number.isNaN(startMs) || !(demo.speed > 0))
    throw new CliError('SERVER_OTHER', 'The platform does not tell its time.');
  return { now: () => startMs + (performance.now() - sinceMs) * demo.speed, speed: demo.speed };
}

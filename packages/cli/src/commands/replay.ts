/** `replay`: recordings of one's own, as if a dozen agents had these conversations now, so that the loop is seen with them. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLogger } from '@coachloop/service-kit';
import { mapRecordings } from '@coachloop/simulator';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { documentsAt, filesAt } from '../files.ts';
import { Progress, printJson, remark } from '../output.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { clockOfPlatform, type PlatformClock } from '../replay/clock.ts';
import { learn } from '../replay/learners.ts';
import { Player } from '../replay/player.ts';
import { runPlatform } from '../run-platform.ts';
import { stopOnSignals } from '../signals.ts';
import { embeddedSettings, speedOf } from '../where.ts';

export interface ReplayOptions {
  readonly agents: number;
  readonly rounds: number;
  readonly speed: string;
  readonly data?: string;
  readonly port?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Wall-clock time between two looks. */
const STEP_MS = 100;
const LEARN_EVERY_MS = 1_000;

export async function replay(path: string, options: ReplayOptions): Promise<void> {
  const recordings = await recordingsAt(path);
  remark(`${recordings.length} recordings, ${options.rounds} times, by ${options.agents} agents.`);
  const stopping = new AbortController();
  if (options.url !== undefined) {
    const client = new Client(options.url);
    const { played } = await run(client, await clockOfPlatform(client), recordings, options, stopping.signal);
    if (options.json) printJson(played);
    return;
  }
  const settings = embeddedSettings(options);
  const onStop = stopOnSignals(settings.COACHLOOP_STOP_TIMEOUT_MS);
  const directory =
    options.data === undefined ? join(projectDirectory, '.coachloop', 'replay') : userPath(options.data);
  const logger = createLogger(settings.LOG_LEVEL);
  const { platform, stop } = await runPlatform({ directory, settings, speed: speedOf(options.speed), logger });
  const client = new Client(platform.url);
  const clock = await clockOfPlatform(client);
  remark(`Its clock runs ${clock.speed} times as fast.`);
  const running = run(client, clock, recordings, options, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  onStop(async () => {
    stopping.abort();
    await running;
    await stop();
  });
  await running;
}

/** Plays all of them, and lets the agents learn until then; with a platform of its own, for as long as that runs. */
async function run(
  client: Client,
  clock: PlatformClock,
  recordings: readonly unknown[],
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<Player> {
  const startMs = Math.round(clock.now());
  // Another run on the same platform is other calls: their ids follow from the moment it began.
  const seed = Math.floor(startMs / 1000);
  const player = new Player(client, mapRecordings(recordings, { ...options, seed, startMs }));
  const total = recordings.length * options.rounds;
  const progress = new Progress('replayed');
  let learnt = 0;
  let saidMs = Number.NEGATIVE_INFINITY;
  let told = false;
  while (!signal.aborted) {
    await player.play(clock.now(), signal);
    if (performance.now() - saidMs > LEARN_EVERY_MS) {
      saidMs = performance.now();
      await clock.sync();
      learnt += await learn(client, clock, signal);
    }
    const { recordings: done, calls, rejected } = player.played;
    const rest = `${calls} calls, ${rejected} rejected, ${learnt} courses completed`;
    if (!player.isOver) progress.update(done, total, rest);
    else if (!told) {
      progress.end(done, total, rest);
      told = true;
      if (options.url !== undefined) return player;
      remark('All were played. The platform goes on; Ctrl-C stops it.');
    }
    await setTimeout(STEP_MS, undefined, { signal }).catch(() => undefined);
  }
  return player;
}

async function recordingsAt(path: string): Promise<unknown[]> {
  const recordings: unknown[] = [];
  for (const file of await filesAt(userPath(path)))
    for await (const { text, path: place } of documentsAt(file))
      try {
        recordings.push(JSON.parse(text));
      } catch {
        remark(`rejected: ${file} ${place || '(whole)'}: it is no JSON.`);
        process.exitCode = 1;
      }
  if (recordings.length === 0)
    throw new CliError('NOTHING_TO_IMPORT', `There is no .json, .ndjson or .vcon file at ${userPath(path)}.`);
  return recordings;
}

/** `up`: every service in one process on one data folder, and, unless told otherwise, a demo centre that feeds it. */
import { join } from 'node:path';
import type { RunningService } from '@coachloop/runtime';
import { createLogger, type Platform } from '@coachloop/service-kit';
import { startDemo } from '../demo/centre.ts';
import { DEMO_BYTES_MAX, sizeGate } from '../demo/size.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { runPlatform } from '../run-platform.ts';
import { stopOnSignals } from '../signals.ts';
import { hostOf, portOf, speedOf } from '../where.ts';

export interface UpOptions {
  readonly demo: boolean;
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly speed: string;
}

const DEMO_AGENTS = 24;

export async function up(options: UpOptions): Promise<void> {
  const onStop = stopOnSignals();
  const directory = dataDirectory(options);
  const logger = createLogger(process.env.LOG_LEVEL ?? 'warn');
  const host = hostOf(options.host);
  const port = portOf(options.port);
  const speed = options.demo ? speedOf(options.speed) : null;
  const { platform, demo, stop } = await runPlatform({ directory, host, port, speed, logger });
  const centre =
    demo && startDemo({ url: platform.url, clock: demo, agents: DEMO_AGENTS, service: serviceOf(platform), logger });
  if (demo) {
    demo.also(sizeGate(directory, () => process.stderr.write(`${fullNote(directory)}\n`)));
    process.stderr.write(
      `A demo centre of ${DEMO_AGENTS} agents is calling; its clock runs ${demo.speed} times as fast. Start empty with --no-demo.\n`,
    );
  }
  onStop(async () => {
    await centre?.stop();
    await stop();
  });
}

const fullNote = (directory: string) =>
  `The demo's clock has stopped: its folder has reached ${DEMO_BYTES_MAX / 1024 ** 3} GiB. To begin anew: stop it, remove ${directory}, start again.`;

const serviceOf = (platform: Platform): RunningService => {
  const [service] = platform.running.values();
  if (!service) throw new Error('The platform runs no service.');
  return service;
};

function dataDirectory({ data, demo }: UpOptions): string {
  const given = data ?? process.env.COACHLOOP_DATA;
  return given === undefined ? join(projectDirectory, '.coachloop', demo ? 'demo' : 'data') : userPath(given);
}

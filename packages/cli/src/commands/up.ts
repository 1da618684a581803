/** `up`: every service in one process on one data folder, and, unless told otherwise, a demo centre that feeds it. */
import { join } from 'node:path';
import { createLogger } from '@coachloop/service-kit';
import type { Settings } from '../config/settings.ts';
import { startDemo } from '../demo/centre.ts';
import { DEMO_BYTES_MAX, sizeGate } from '../demo/size.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { runPlatform } from '../run-platform.ts';
import { stopOnSignals } from '../signals.ts';
import { embeddedSettings, speedOf } from '../where.ts';

export interface UpOptions {
  readonly demo: boolean;
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly speed: string;
}

const DEMO_AGENTS = 24;
/** Call numbers of one run; the next run goes on above them. */
const CALLS_PER_RUN = 1_000_000;

export async function up(options: UpOptions): Promise<void> {
  const settings = embeddedSettings(options);
  const onStop = stopOnSignals(settings.COACHLOOP_STOP_TIMEOUT_MS);
  const directory = dataDirectory(settings, options.demo);
  const logger = createLogger(settings.LOG_LEVEL);
  const speed = options.demo ? speedOf(options.speed) : null;
  const { platform, demo, stop } = await runPlatform({ directory, settings, speed, logger });
  const centre =
    demo &&
    startDemo({
      url: platform.url,
      clock: demo,
      startMs: demo.startMs,
      agents: DEMO_AGENTS,
      firstCall: (demo.run - 1) * CALLS_PER_RUN,
      also: demo.also,
      onFailed: (error) => logger.error({ err: String(error) }, 'the demo centre stopped'),
    });
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

function dataDirectory({ COACHLOOP_DATA: given }: Settings, demo: boolean): string {
  return given === undefined ? join(projectDirectory, '.coachloop', demo ? 'demo' : 'data') : userPath(given);
}

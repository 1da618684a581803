/** Every service in this process on one data folder: what `up` and `replay` share. */
import { consoleRoutes, ensureConsoleBuilt } from '@coachloop/console';
import type { HealthFigures } from '@coachloop/contracts';
import { faultsFrom } from '@coachloop/runtime';
import { type App, isLoopback, type Logger, Platform, startTelemetry, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { announce, makeDataFolder, openDataFolder } from './data-folder.ts';
import { type DemoClock, openDemoClock } from './demo/clock.ts';
import { demoRoutes } from './demo/routes.ts';
import { CliError } from './errors.ts';
import { explain } from './explain.ts';
import { assertNotMoved } from './migrate/note.ts';
import { allServices } from './services.ts';
import { VERSION } from './version.ts';

export interface PlatformRun {
  readonly directory: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How many times faster than real time a demo's clock runs; null: no demo. */
  readonly speed: number | null;
  readonly logger: Logger;
}

/** The demo's clock waits while a service has more than this to read. */
const BEHIND_RECORDS = 500;
const NOTHING_KNOWN: HealthFigures = { lag: [], deadLettersOpen: 0, stalled: [] };

/** Says on stderr where it is. `stop` ends platform and adapters, in that order. */
export async function runPlatform({ directory, host, port, speed, logger }: PlatformRun) {
  const startedMs = performance.now();
  makeDataFolder(directory);
  assertNotMoved(directory);
  const demo = speed === null ? null : openDemoClock(directory, speed);
  const clock = demo ?? systemClock;
  const page = await ensureConsoleBuilt({ say: (line) => process.stderr.write(`${line}\n`) });
  const adapters = await openEmbedded({ directory, clock, onFatal: (error) => explain(error) });
  const folder = openDataFolder(directory);
  const telemetry = await startTelemetry(VERSION, process.env);
  const health = (): HealthFigures => started?.health ?? NOTHING_KNOWN;
  let started: Platform | null = null;
  const platform = await Platform.start({
    services: allServices({ customerKey: folder.customerKey, health }),
    ...adapters,
    clock,
    host,
    port,
    logger,
    version: VERSION,
    faults: faultsFrom(process.env),
    era: folder.era,
    ...(telemetry ? { onHandled: (handled) => telemetry.onHandled(handled) } : {}),
    extend: async (app) => {
      extendWith(demo)(app);
      await consoleRoutes(app, { directory: page });
    },
  }).catch((error: unknown) => {
    throw portTaken(error, host, port) ?? error;
  });
  started = platform;
  demo?.start(() => platform.lag.most <= BEHIND_RECORDS);
  announce(directory, platform.url);
  if (!isLoopback(host))
    process.stderr.write(
      `Warning: ${host} is open to the network and sign-in is not configured: only ingest is served.\n`,
    );
  process.stderr.write(
    `Coachloop ${VERSION} is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${platform.url}\n`,
  );
  process.stderr.write(`Data in ${directory}. Ctrl-C stops it.\n`);
  return {
    platform,
    demo,
    stop: async () => {
      await platform.stop();
      demo?.stop();
      await adapters.close();
      await telemetry?.stop();
    },
  };
}

/** Routes besides those of the services. */
export const extendWith =
  (demo: DemoClock | null) =>
  (app: App): void =>
    demoRoutes(app, demo);

function portTaken(error: unknown, host: string, port: number): CliError | null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return new CliError('PORT_TAKEN', `Something answers on ${host}:${port} already.`);
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new CliError('PORT_TAKEN', `${host}:${port} cannot be listened on (${code}).`);
  return null;
}

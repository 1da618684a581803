/** `up`: every service in one process on one data folder, and, unless told otherwise, a demo centre that feeds it. */
import { join } from 'node:path';
import { faultsFrom, type RunningService } from '@coachloop/runtime';
import { createLogger, isLoopback, Platform, startTelemetry, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { openDataFolder } from '../data-folder.ts';
import { startDemo } from '../demo/centre.ts';
import { openDemoClock } from '../demo/clock.ts';
import { demoRoutes } from '../demo/routes.ts';
import { explain } from '../explain.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { allServices } from '../services.ts';
import { VERSION } from '../version.ts';

export interface UpOptions {
  readonly demo: boolean;
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly speed: string;
}

const DEMO_AGENTS = 14;
const STOP_MS_MAX = 5_000;

export async function up(options: UpOptions): Promise<void> {
  const startedMs = performance.now();
  const directory = dataDirectory(options);
  const folder = openDataFolder(directory);
  const host = options.host ?? process.env.HOST ?? '127.0.0.1';
  const port = portOf(options.port ?? process.env.PORT ?? '8080');
  const logger = createLogger(process.env.LOG_LEVEL ?? 'warn');
  const demo = options.demo ? openDemoClock(directory, speedOf(options.speed)) : null;
  const clock = demo ?? systemClock;
  const adapters = await openEmbedded({ directory, clock, onFatal: (error) => explain(error) });
  const telemetry = await startTelemetry(VERSION, process.env);
  const platform = await Platform.start({
    services: allServices({ customerKey: folder.customerKey }),
    ...adapters,
    clock,
    host,
    port,
    logger,
    version: VERSION,
    faults: faultsFrom(process.env),
    era: folder.era,
    ...(telemetry ? { onHandled: (handled) => telemetry.onHandled(handled) } : {}),
    extend: (app) => demoRoutes(app, demo),
  });
  if (!isLoopback(host))
    process.stderr.write(
      `Warning: ${host} is open to the network and sign-in is not configured: only ingest is served.\n`,
    );
  process.stderr.write(
    `Coachloop ${VERSION} is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${platform.url}\n`,
  );
  process.stderr.write(`Data in ${directory}. Ctrl-C stops it.\n`);
  const centre =
    demo && startDemo({ url: platform.url, clock: demo, agents: DEMO_AGENTS, service: serviceOf(platform), logger });
  if (demo)
    process.stderr.write(
      `A demo centre of ${DEMO_AGENTS} agents is calling; its clock runs ${demo.speed} times as fast. Start empty with --no-demo.\n`,
    );
  stopOnSignals(async () => {
    await centre?.stop();
    await platform.stop();
    demo?.stop();
    await adapters.close();
    await telemetry?.stop();
  });
}

const serviceOf = (platform: Platform): RunningService => {
  const [service] = platform.running.values();
  if (!service) throw new Error('The platform runs no service.');
  return service;
};

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed >= 1 && speed <= 5_000) return speed;
  throw new Error(`--speed must be a number from 1 to 5000; it is ${JSON.stringify(text)}.`);
}

function dataDirectory({ data, demo }: UpOptions): string {
  const given = data ?? process.env.COACHLOOP_DATA;
  return given === undefined ? join(projectDirectory, '.coachloop', demo ? 'demo' : 'data') : userPath(given);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`The port must be a number from 0 to 65535; it is ${JSON.stringify(text)}.`);
}

/** The first Ctrl-C stops clean within five seconds, the second one at once. */
function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    process.stderr.write('Stopping…\n');
    const late = setTimeout(() => {
      process.stderr.write('It took too long; stopping at once. Nothing acknowledged is lost.\n');
      process.exit(1);
    }, STOP_MS_MAX);
    late.unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => explain(error),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

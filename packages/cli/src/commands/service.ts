/** `service NAME`: one service, or a few, in a process of their own, on Kafka and MongoDB. The console is the front door to all of them. */
import { hostname } from 'node:os';
import { consoleRoutes, ensureConsoleBuilt } from '@coachloop/console';
import type { HealthFigures } from '@coachloop/contracts';
import { collectionsOfService } from '@coachloop/runtime';
import { createLogger, frontDoor, type Platform } from '@coachloop/service-kit';
import { openDistributed } from '@coachloop/service-kit/distributed';
import { compose } from '../compose.ts';
import { clockOf } from '../config/clock.ts';
import { needsOf } from '../config/needs.ts';
import { webhooksMayGoToPrivate } from '../config/private-webhooks.ts';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/settings.ts';
import { demoRoutes } from '../demo/routes.ts';
import { CliError } from '../errors.ts';
import { explain } from '../explain.ts';
import { remark } from '../output.ts';
import { CONSOLE, PROCESSES } from '../processes.ts';
import { allServices, installation } from '../services.ts';
import { stopOnSignals } from '../signals.ts';
import { VERSION } from '../version.ts';
import { wantedTopics } from '../wanted.ts';
import { openapiDocument } from './describe.ts';

export interface ServiceOptions {
  readonly host?: string;
  readonly port?: string;
}

/** Every process looks at every group: seldom enough for the brokers, and soon enough to refuse. */
const LAG_EVERY_MS = 2_000;
const NOTHING_KNOWN: HealthFigures = { lag: [], deadLettersOpen: 0, stalled: [] };

export async function service(list: string, options: ServiceOptions): Promise<void> {
  const startedMs = performance.now();
  const places = placesOf(list);
  const settings = settingsOf(places[0]?.port ?? 0, options);
  const names = new Set(places.map(({ name }) => name));
  const onStop = stopOnSignals(settings.COACHLOOP_STOP_TIMEOUT_MS);
  const { platform, stop } = await start(names, settings);
  onStop(stop);
  const called = `Coachloop ${VERSION} ${[...names].join(', ')}`;
  remark(`${called} listens on ${platform.url}; Ctrl-C stops it.`);
  await platform.started;
  if (platform.waitsFor !== null) return; // told to stop meanwhile
  remark(`${called} is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${platform.url}`);
}

async function start(names: ReadonlySet<string>, settings: Settings) {
  const isFront = names.has(CONSOLE);
  const { customerKey, site, kafka, mongoUri, elsewhere } = needsOf(names, settings);
  const [name = ''] = names;
  const logger = createLogger(settings.LOG_LEVEL, name);
  const clock = clockOf(settings);
  let known: Platform | null = null;
  const all = allServices({
    customerKey,
    health: () => known?.health ?? NOTHING_KNOWN,
    site,
    allowPrivateWebhooks: webhooksMayGoToPrivate(settings, { embedded: false }),
  });
  const page = isFront ? await ensureConsoleBuilt({ say: remark }) : '';
  const composed = await compose({
    name: names.size === 1 ? name : 'coachloop',
    settings,
    services: all.filter(({ definition }) => names.has(definition.name)),
    adapters: openDistributed({
      kafka,
      mongoUri,
      clock,
      clientId: `coachloop-${name}`,
      // Of two processes on one machine each has a port of its own, and comes back on it.
      instance: settings.PORT === 0 ? undefined : `coachloop-${name}-${hostname()}-${settings.PORT}`,
      logger,
      topics: wantedTopics(),
      collections: all.flatMap(({ definition }) => collectionsOfService(definition).map((spec) => spec.name)),
      onFatal: (error) => explain(error),
    }),
    servers: { 'event-log': 'Kafka', 'document-store': 'MongoDB' },
    clock,
    logger,
    era: settings.COACHLOOP_ERA ?? '',
    installation: installation(site),
    lagEveryMs: LAG_EVERY_MS,
    // Whoever shows the health of all asks all.
    ...(isFront || names.has('live-metrics') ? { peers: elsewhere } : {}),
    ...(isFront ? { apiDocument: await openapiDocument() } : {}),
    extend: async (app) => {
      demoRoutes(
        app,
        settings.COACHLOOP_CLOCK_SPEED === 1
          ? null
          : { speed: settings.COACHLOOP_CLOCK_SPEED, now: clock.now, pace: () => settings.COACHLOOP_CLOCK_SPEED },
      );
      if (!isFront) return;
      await frontDoor(app, elsewhere);
      await consoleRoutes(app, { directory: page });
    },
  });
  known = composed.platform;
  return composed;
}

function settingsOf(port: number, options: ServiceOptions): Settings {
  const given = { HOST: options.host, PORT: options.port };
  return readSettings({ env: process.env, options: given, defaults: { PORT: port } }).values;
}

/** @throws CliError ARGUMENT_INVALID */
function placesOf(list: string) {
  const known = PROCESSES.map(({ name }) => name);
  return list.split(',').map((name) => {
    const place = PROCESSES.find((each) => each.name === name.trim());
    if (!place)
      throw new CliError(
        'ARGUMENT_INVALID',
        `There is no service ${JSON.stringify(name)}; there are ${known.join(', ')}.`,
      );
    return place;
  });
}

/** Every service in this process on one data folder: what `up` and `replay` share. */
import { consoleRoutes, ensureConsoleBuilt } from '@coachloop/console';
import type { HealthFigures } from '@coachloop/contracts';
import type { Logger, Platform } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { compose } from './compose.ts';
import { clockOf } from './config/clock.ts';
import { webhooksMayGoToPrivate } from './config/private-webhooks.ts';
import type { Settings } from './config/settings.ts';
import { announce, makeDataFolder, openDataFolder } from './data-folder.ts';
import { openDemoClock } from './demo/clock.ts';
import { demoRoutes } from './demo/routes.ts';
import { explain } from './explain.ts';
import { assertNotMoved } from './migrate/note.ts';
import { allServices } from './services.ts';
import { readSite } from './site/read.ts';
import { VERSION } from './version.ts';

export interface PlatformRun {
  readonly directory: string;
  readonly settings: Settings;
  /** How many times faster than real time a demo's clock runs; null: no demo. */
  readonly speed: number | null;
  readonly logger: Logger;
}

/** The demo's clock waits while a service has more than this to read. */
const BEHIND_RECORDS = 500;
const NOTHING_KNOWN: HealthFigures = { lag: [], deadLettersOpen: 0, stalled: [] };

/** Says on stderr where it is. `stop` ends platform and adapters, in that order. */
export async function runPlatform({ directory, settings, speed, logger }: PlatformRun) {
  const startedMs = performance.now();
  const site = readSite(settings.COACHLOOP_SITE);
  makeDataFolder(directory);
  assertNotMoved(directory);
  const demo = speed === null ? null : openDemoClock(directory, speed);
  const clock = demo ?? clockOf(settings);
  const page = await ensureConsoleBuilt({ say: (line) => process.stderr.write(`${line}\n`) });
  const adapters = await openEmbedded({ directory, clock, onFatal: (error) => explain(error) });
  const folder = openDataFolder(directory);
  let known: Platform | null = null;
  const { platform, stop } = await compose({
    name: 'coachloop',
    settings,
    services: allServices({
      customerKey: folder.customerKey,
      health: () => known?.health ?? NOTHING_KNOWN,
      site,
      allowPrivateWebhooks: webhooksMayGoToPrivate(settings, { embedded: true }),
    }),
    adapters,
    clock,
    logger,
    era: folder.era,
    extend: async (app) => {
      demoRoutes(app, demo);
      await consoleRoutes(app, { directory: page });
    },
  });
  known = platform;
  await platform.started;
  demo?.start(() => platform.lag.most <= BEHIND_RECORDS);
  announce(directory, platform.url);
  process.stderr.write(
    `Coachloop ${VERSION} is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${platform.url}\n`,
  );
  process.stderr.write(`Data in ${directory}. Ctrl-C stops it.\n`);
  return {
    platform,
    demo,
    stop: async () => {
      demo?.stop();
      await stop();
    },
  };
}

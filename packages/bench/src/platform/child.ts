/** The platform in a process of its own: every service as `npm start` runs them, on the embedded log and store. */
import { randomBytes } from 'node:crypto';
import { allServices } from '@coachloop/cli';
import { type Clock, OUTBOX_INDEX } from '@coachloop/runtime';
import { createLogger, lagOf, Platform, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import type { Ask, AtRest, ChildOptions, Tell } from './protocol.ts';

const LOOK_MS = 25;

const { directory, services: wanted } = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const clock: Clock = systemClock;
const adapters = await openEmbedded({
  directory,
  clock,
  onFatal: (error) => {
    throw error;
  },
});
const services = allServices({ customerKey: randomBytes(32).toString('hex') });
const platform = await Platform.start({
  services: services.filter(({ definition }) => wanted?.includes(definition.name) ?? true),
  ...adapters,
  clock,
  host: '127.0.0.1',
  port: 0,
  logger: createLogger('warn'),
  version: 'bench',
});

const tell = (message: Tell): void => {
  process.send?.(message);
};

/** Timers are not looked at: every call of the load ends with a transcript or is abandoned, so none waits for one. */
async function isHandled(): Promise<boolean> {
  const lags = await Promise.all(
    [...platform.running.values()].map(({ name, topics }) => lagOf(adapters.log, name, topics)),
  );
  return lags.flat().every(({ records }) => records === 0);
}

async function outboxesAreEmpty(): Promise<boolean> {
  for (const service of platform.running.values())
    for (const collection of service.aggregates.keys())
      if ((await adapters.store.count(collection, { index: OUTBOX_INDEX })) > 0) return false;
  return true;
}

/** What has just come in over HTTP may still be on its way into the log: so only "empty outboxes, too" is an end. */
async function atRest(): Promise<AtRest> {
  let handledMs: number | null = null;
  for (;;) {
    if (await isHandled()) {
      handledMs ??= clock.wall();
      if (await outboxesAreEmpty()) return { handledMs, restMs: clock.wall() };
    } else handledMs = null;
    await clock.sleep(LOOK_MS);
  }
}

process.on('message', async ({ ask }: Ask) => {
  if (ask === 'rest') tell({ tell: 'rest', ...(await atRest()) });
  else if (ask === 'usage') {
    const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;
    const [cpuMs, mainMs] = [ms(process.cpuUsage()), ms(process.threadCpuUsage())];
    tell({ tell: 'usage', cpuMs, mainMs, rssMiB: process.memoryUsage.rss() / 1024 ** 2 });
  } else {
    await platform.stop();
    await adapters.close();
    tell({ tell: 'stopped' });
    process.disconnect?.();
  }
});
// Whoever started us is gone: nobody would ever stop us.
process.once('disconnect', () => process.exit(0));
tell({ tell: 'ready', url: platform.url });

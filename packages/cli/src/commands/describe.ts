/** `asyncapi` and `openapi`: how to speak to the platform, made from the sources, without one that runs. */
import { asyncapi } from '@coachloop/contracts/asyncapi';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { demoRoutes } from '../demo/routes.ts';
import { allServices } from '../services.ts';
import { VERSION } from '../version.ts';

const print = (document: unknown): void => {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
};

export function printAsyncapi(): void {
  print(asyncapi());
}

export async function printOpenapi(): Promise<void> {
  print(await openapiDocument());
}

/** The routes are those of the whole platform, on adapters that end with it. */
export async function openapiDocument(): Promise<object> {
  const log = createMemoryLog({ clock: systemClock });
  const store = createMemoryStore();
  const platform = await Platform.start({
    services: allServices({ customerKey: 'none' }),
    log,
    store,
    clock: systemClock,
    host: '127.0.0.1',
    port: null,
    logger: createLogger('silent'),
    version: VERSION,
    extend: (app) => demoRoutes(app, null),
  });
  const document = platform.app.swagger();
  await platform.stop();
  await log.close();
  await store.close();
  return document;
}

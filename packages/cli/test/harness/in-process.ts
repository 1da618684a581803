/** The platform in the test's own process, on memory adapters and a clock that the test holds; commands reach it over HTTP. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { allServices } from '../../src/services.ts';

export async function startInProcess() {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const log = createMemoryLog({ clock });
  const store = createMemoryStore();
  const platform = await Platform.start({
    services: allServices({ customerKey: 'test' }),
    log,
    store,
    clock,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
    version: 'test',
  });
  return {
    url: platform.url,
    log,
    clock,
    advance: (ms: number) => {
      aheadMs += ms;
    },
    stop: async () => {
      await platform.stop();
      await log.close();
      await store.close();
    },
  };
}

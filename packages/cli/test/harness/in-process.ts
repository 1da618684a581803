/** The platform in the test's own process, on memory adapters and a clock that the test holds; commands reach it over HTTP. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { AheadClock, startPlatform } from './installation.ts';

export async function startInProcess() {
  const clock = new AheadClock();
  const log = createMemoryLog({ clock });
  const store = createMemoryStore();
  const platform = await startPlatform({ log, store }, clock);
  return {
    url: platform.url,
    server: platform.app.server,
    log,
    clock,
    advance: (ms: number) => {
      clock.aheadMs += ms;
    },
    stop: async () => {
      await platform.stop();
      await log.close();
      await store.close();
    },
  };
}

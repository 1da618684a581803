import { createMemoryLog } from '../src/memory/index.ts';
import { eventLogConformance } from './conformance.ts';

eventLogConformance(
  'memory',
  async () => {
    const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
    const log = createMemoryLog({ clock });
    return { log, clock, close: () => log.close() };
  },
  { exclusiveHandover: true, retentionSparesGroups: true, patienceMs: 30_000 },
);

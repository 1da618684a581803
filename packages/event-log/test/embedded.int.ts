import { rmSync } from 'node:fs';
import { openEmbeddedLog } from '../src/embedded/index.ts';
import { eventLogConformance } from './conformance.ts';
import { newFolder } from './folders.ts';

eventLogConformance(
  'embedded',
  async () => {
    const folder = newFolder();
    const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
    const open = () => openEmbeddedLog({ file: `${folder}/log.sqlite`, clock });
    let log = await open();
    const reopen = async () => {
      await log.close();
      log = await open();
      return log;
    };
    const close = async () => {
      await log.close();
      rmSync(folder, { recursive: true });
    };
    return { log, clock, close, reopen };
  },
  { exclusiveHandover: true, retentionSparesGroups: true, patienceMs: 30_000 },
);

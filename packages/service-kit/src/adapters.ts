/** Composition root of the embedded default: both adapters on one data folder, under one lock of the system. */
import { join } from 'node:path';
import { openEmbeddedStore } from '@coachloop/document-store/embedded';
import { lockFolder, openEmbeddedLog } from '@coachloop/event-log/embedded';
import type { Clock } from '@coachloop/runtime';

/** In memory about four times as many bytes. The kernel and its transitions change no document that they were given. */
const RECENT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface EmbeddedOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly durability?: 'power-loss' | 'process-crash';
  /** Disk full, file damaged: say why and exit with a code other than 0. */
  readonly onFatal: (error: Error) => void;
}

export async function openEmbedded({ directory, clock, durability = 'power-loss', onFatal }: EmbeddedOptions) {
  const lock = lockFolder(directory);
  const log = await openEmbeddedLog({ file: join(directory, 'log.sqlite'), clock, durability, onFatal });
  const store = await openEmbeddedStore({
    file: join(directory, 'store.sqlite'),
    durability,
    onFatal,
    recentCharactersMax: RECENT_CHARACTERS_MAX,
  });
  return {
    log,
    store,
    async close(): Promise<void> {
      await log.close();
      await store.close();
      lock.release();
    },
  };
}

/** Composition root of the one way to run: both adapters on one data folder. The other is in `distributed.ts`. */
import { join } from 'node:path';
import type { DocumentStore } from '@coachloop/document-store';
import { openEmbeddedStore } from '@coachloop/document-store/embedded';
import type { EventLog } from '@coachloop/event-log';
import { lockFolder, openEmbeddedLog } from '@coachloop/event-log/embedded';
import type { Clock } from '@coachloop/runtime';

export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
  close(): Promise<void>;
}

/** In memory about four times as many bytes. The kernel and its transitions change no document that they were given. */
const RECENT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface EmbeddedOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly durability?: 'power-loss' | 'process-crash';
  /** Disk full, file damaged: say why and exit with a code other than 0. */
  readonly onFatal: (error: Error) => void;
}

export async function openEmbedded({
  directory,
  clock,
  durability = 'power-loss',
  onFatal,
}: EmbeddedOptions): Promise<Adapters> {
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

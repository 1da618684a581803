import type { StoreError } from '../errors.ts';

export interface EmbeddedStoreOptions {
  /** Path of the SQLite file; its folder is made if missing. `<file>.lock`, `-wal` and `-shm` stand beside it. */
  readonly file: string;
  /** What a write that was called won survives: loss of power (default), or only the death of the process. */
  readonly durability?: Durability;
  /**
   * Called once when the store cannot go on (full disk, damaged file): every call fails from then on, and the process
   * should end with a code other than zero. Nothing that was called won is lost.
   */
  readonly onFatal?: (error: StoreError) => void;
  /** Bound of the file's size; beyond it `STORE_DISK_FULL`. Default: as far as the disk goes. */
  readonly fileBytesMax?: number;
  /**
   * Characters of JSON up to which recently used documents are kept in memory. What is given to `save` and what `load` gives
   * is shared then: nobody may change it. Default 0: nothing is kept, and nothing is shared.
   */
  readonly recentCharactersMax?: number;
  /** Bounds of the writes that wait for their commit; beyond them `STORE_OVERLOADED`. */
  readonly queueDocumentsMax?: number;
  readonly queueCharactersMax?: number;
}

export type Durability = 'power-loss' | 'process-crash';

/** Twice the greatest single save, so that one can always be prepared while another is written. */
export const QUEUE_DOCUMENTS_MAX = 20_000;
export const QUEUE_CHARACTERS_MAX = 128 * 1024 * 1024;

import type { StoreErrorCode } from '../errors.ts';
import type { CollectionSpec, Mark, Verdict } from '../port.ts';
import type { Durability } from './options.ts';

/** What the calling thread and the writer thread say to each other. */

export interface WriterSettings {
  readonly file: string;
  readonly durability: Durability;
  readonly fileBytesMax: number | null;
}

/** id, expected version, wakeAt, lane, body as JSON, entries in the indexes. A tuple, because it clones faster than an object. */
export type SaveRow = readonly [string, number, number | null, string | null, string, ...(string | null)[]];

export type Operation =
  | { readonly kind: 'declare'; readonly specs: readonly CollectionSpec[] }
  | { readonly kind: 'save'; readonly collection: string; readonly rows: readonly SaveRow[] }
  | { readonly kind: 'delete'; readonly collection: string; readonly ids: readonly string[] }
  | { readonly kind: 'raise'; readonly collection: string; readonly marks: readonly Mark[] }
  | { readonly kind: 'expire'; readonly collection: string; readonly nowMs: number }
  | { readonly kind: 'close' };

/** Operations are answered in the order in which they were sent. */
export type Result =
  | { readonly kind: 'done' }
  | { readonly kind: 'declared'; readonly specs: readonly CollectionSpec[] }
  | { readonly kind: 'verdicts'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'refused'; readonly code: StoreErrorCode; readonly detail: string };

export type FromWriter =
  | { readonly kind: 'ready' }
  /** The results of one committed transaction. */
  | { readonly kind: 'committed'; readonly results: readonly Result[] }
  | { readonly kind: 'fatal'; readonly code: StoreErrorCode; readonly detail: string };

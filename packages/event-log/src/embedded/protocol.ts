import type { SQLInputValue } from 'node:sqlite';
import type { Fault } from './faults.ts';
import type { StatementName, WriterSettings } from './schema.ts';

/** What the main thread and the writing thread say to each other. */
export type WorkerData = WriterSettings;

/** One transaction. Its buffer travels there and back; neither side touches it while it is away. */
export interface TransactionMessage {
  readonly buffer: ArrayBuffer;
  /** `INDEX.width` numbers per block. */
  readonly index: readonly number[];
  readonly statements: readonly Statement[];
  /** False: it may be lost with the power, as its loss costs only work. */
  readonly synced: boolean;
}

export type Statement = readonly [StatementName, ...SQLInputValue[]];

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'committed'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'failed'; readonly fault: Fault };

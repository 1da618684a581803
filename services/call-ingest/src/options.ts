/** What an installation sets; everything has a default. */
import { DEFAULT_POLICY, type IngestPolicy } from './domain/policy.ts';

export interface CallIngestOptions {
  /**
   * Key of the customers' hash. Without it, hashes of phone numbers could be found by trying; the same key must be kept,
   * or a customer who calls again looks like another one.
   */
  readonly customerKey: string;
  readonly policy: IngestPolicy;
  readonly bounds: IngestBounds;
}

export interface IngestBounds {
  readonly eventsBodyBytes: number;
  /** vCons carry audio in their body at times. */
  readonly vconsBodyBytes: number;
  readonly items: number;
}

export const DEFAULT_OPTIONS: CallIngestOptions = {
  customerKey: 'coachloop-demo',
  policy: DEFAULT_POLICY,
  bounds: { eventsBodyBytes: 4 * 1024 * 1024, vconsBodyBytes: 16 * 1024 * 1024, items: 1_000 },
};

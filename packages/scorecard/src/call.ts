/** What of a call's record an evaluation depends on. */
import { type CallRecord, sha256 } from '@coachloop/contracts';

/** Comes after the call, or is about the record, and says nothing of how the call was handled. */
type NotScored = 'revision' | 'survey' | 'wrapupSeconds' | 'customerHash';

/** No rule can read the rest: the type leaves it out. */
export type ScoredCall = Omit<CallRecord, NotScored>;

/** As it travels in an event. */
type Recorded = CallRecord & { readonly stage?: unknown; readonly replaces?: unknown };

export function scoredPartOf(call: Recorded): ScoredCall {
  const {
    revision: _,
    survey: __,
    wrapupSeconds: ___,
    customerHash: ____,
    stage: _____,
    replaces: ______,
    ...scored
  } = call;
  return scored;
}

/** Equal where any form says the same of two revisions of a record. 22 characters. */
export const fingerprintOf = (call: ScoredCall): string => sha256(JSON.stringify(call)).slice(0, 22);

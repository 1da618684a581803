/** What a site may choose. Data of the installation: changing it changes what is read, and but for `repeatContactMs` not what is counted. */
import { WAIT_BOUNDS_SECONDS } from './counts-call.ts';

export interface MetricsPolicy {
  /** Answered within this is in time; one of the bounds that waits are counted by. */
  readonly serviceLevelSeconds: number;
  /** Criteria with fewer answers (yes or no) than this are not called weak. */
  readonly criterionAnswersMin: number;
  /** The same customer again within this: the first contact did not settle it. Applied when a contact is counted, so another value needs a rebuild. */
  readonly repeatContactMs: number;
  /** What the site wants to reach, percent; shown with the figures. */
  readonly targets: { readonly serviceLevelPercent: number; readonly abandonedPercentMax: number };
}

export const DEFAULT_POLICY: MetricsPolicy = {
  serviceLevelSeconds: 20,
  criterionAnswersMin: 5,
  repeatContactMs: 7 * 86_400_000,
  targets: { serviceLevelPercent: 80, abandonedPercentMax: 5 },
};

/** @throws RangeError where the service level is asked for at a wait that is not told apart. */
export function checkedPolicy(policy: MetricsPolicy): MetricsPolicy {
  if ((WAIT_BOUNDS_SECONDS as readonly number[]).includes(policy.serviceLevelSeconds)) return policy;
  throw new RangeError(
    `serviceLevelSeconds is ${policy.serviceLevelSeconds}; it must be one of ${WAIT_BOUNDS_SECONDS.join(', ')}.`,
  );
}

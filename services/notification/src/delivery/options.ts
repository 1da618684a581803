/** What an installation may set about delivery; tests set it small. */
export interface DeliveryOptions {
  /** How long a receiver may take to answer. */
  readonly timeoutMs: number;
  /** Waits between attempts double from first to most, each shortened at random by up to half. */
  readonly backoffMs: { readonly first: number; readonly most: number };
  /** After so long without success, it is given up until somebody resumes it. */
  readonly disableAfterMs: number;
  /** How often the list of webhooks is read, and figures are written. */
  readonly reconcileEveryMs: number;
  readonly reportEveryMs: number;
  /** Requests at once to one receiver, from one process. */
  readonly requestsAtOnce: number;
  /** Requests in flight when the process stops get so long to finish. */
  readonly stopMs: number;
}

export const DEFAULT_DELIVERY: DeliveryOptions = {
  timeoutMs: 15_000,
  backoffMs: { first: 1_000, most: 300_000 },
  disableAfterMs: 5 * 24 * 3_600_000,
  reconcileEveryMs: 2_000,
  reportEveryMs: 5_000,
  requestsAtOnce: 8,
  stopMs: 1_500,
};

/** Jitter keeps the partitions of a receiver that came back from knocking in step. */
export const backoff = (
  failures: number,
  { first, most }: DeliveryOptions['backoffMs'],
  random: () => number,
): number => Math.min(most, first * 2 ** Math.min(failures, 30)) * (0.5 + random() / 2);

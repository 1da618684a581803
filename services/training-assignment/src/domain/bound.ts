/**
 * How good an agent may be, given a few calls: the upper bound of a one-sided Wilson interval. Wilson and not the textbook's mean ± z·s/√n,
 * because that one collapses to a point where all calls score the same, which three calls in a row often do.
 *
 * Reference: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */

/** One-sided confidence → quantile of the normal distribution. */
const QUANTILES = { '0.8': 0.8416, '0.9': 1.2816, '0.95': 1.6449, '0.975': 1.96, '0.99': 2.3263 } as const;
export const CONFIDENCES = [0.8, 0.9, 0.95, 0.975, 0.99] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/**
 * `scores`: one per call, 0–100, at least one; the same unit comes back. A call counts as one trial however many questions were
 * answered on it: answers of one call hang together. Scores between 0 and 100 vary less than a yes or no would, so the
 * bound is on the safe side.
 */
export function upperBound(scores: readonly number[], confidence: Confidence): number {
  const n = scores.length;
  const z = QUANTILES[`${confidence}`];
  const p = scores.reduce((sum, score) => sum + score, 0) / n / 100;
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return (100 * (p + (z * z) / (2 * n) + spread)) / (1 + (z * z) / n);
}

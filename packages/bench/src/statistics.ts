/** Middle and spread: with three to five rounds on a machine that does other things too, a mean says little. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** One per round, in their order. */
  readonly values: readonly number[];
}

/** @throws RangeError where there is no value, or one that is no number. */
export function summaryOf(values: readonly number[]): Summary {
  const bad = values.find((value) => !Number.isFinite(value));
  if (values.length === 0 || bad !== undefined) throw new RangeError(`There is no middle of [${values.join(', ')}].`);
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values), values };
}

/** Between the two neighbours where it falls between them. @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new RangeError('There is no quantile of nothing.');
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * The little statistics a re-evaluation needs, in plain arithmetic: deterministic, and the same on every machine.
 *
 * References: Student, "The probable error of a mean", Biometrika 6 (1908); Abramowitz & Stegun, Handbook of Mathematical
 * Functions (1964), 26.7.3–26.7.4: the distribution of t in closed form for whole degrees of freedom.
 */

/** Sample mean; null for none. */
export const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;

/** Sum of squared deviations from the mean. Exactly 0 for constant values, whatever the rounding of their mean. */
export function squaresOf(values: readonly number[]): number {
  const mean = meanOf(values);
  if (mean === null || values.every((v) => v === values[0])) return 0;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

/** Sample standard deviation (n − 1); null below two values. */
export const sdOf = (values: readonly number[]): number | null =>
  values.length < 2 ? null : Math.sqrt(squaresOf(values) / (values.length - 1));

/** A(t|ν) = P(−t < T < t) for t ≥ 0 and whole ν ≥ 1: Abramowitz & Stegun 26.7.3 (odd ν) and 26.7.4 (even ν). */
export function studentCentral(t: number, df: number): number {
  const theta = Math.atan(t / Math.sqrt(df));
  const cos = Math.cos(theta);
  const sin = Math.sin(theta);
  const even = df % 2 === 0;
  let term = even ? 1 : cos;
  let sum = df === 1 ? 0 : term;
  for (let k = even ? 2 : 3; k <= df - 2; k += 2) {
    term *= (cos * cos * (k - 1)) / k;
    sum += term;
  }
  return even ? sin * sum : (2 / Math.PI) * (theta + sin * sum);
}

/** P(T ≤ t). */
export const studentCdf = (t: number, df: number): number =>
  t >= 0 ? 0.5 + studentCentral(t, df) / 2 : 0.5 - studentCentral(-t, df) / 2;

/**
 * The t with P(T ≤ t) = p, for 0.5 ≤ p ≤ 0.9999 and whole df ≥ 1; by bisection, to about 1e-12 of its size.
 * Throws RangeError outside.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0.5 && p <= 0.9999) || !Number.isInteger(df) || df < 1)
    throw new RangeError(`No quantile of Student's t for p = ${p} with ${df} degrees of freedom.`);
  let low = 0;
  let high = 1;
  while (studentCdf(high, df) < p) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Two-sided 80 %: 10 % on each side. */
const P80 = 0.9;

export interface Difference {
  /** Mean after minus mean before; null where one of the samples is empty. */
  readonly difference: number | null;
  /** Null: not to be had. */
  readonly interval80: { readonly low: number; readonly high: number } | null;
}

/**
 * Difference of two means with its two-sided 80 % interval, by Student's two-sample t with pooled variance. Pooled and not
 * Welch: three calls cannot estimate a variance of their own (three equal scores are common, and would claim certainty).
 * The price is the assumption that training moves the level and not the spread. There is no interval with fewer than two
 * calls before or none after. Where both samples are constant it collapses to the difference.
 */
export function differenceOf(before: readonly number[], after: readonly number[]): Difference {
  const meanBefore = meanOf(before);
  const meanAfter = meanOf(after);
  if (meanBefore === null || meanAfter === null) return { difference: null, interval80: null };
  const difference = meanAfter - meanBefore;
  if (before.length < 2) return { difference, interval80: null };
  const df = before.length + after.length - 2;
  const variance = (squaresOf(before) + squaresOf(after)) / df;
  const half = studentQuantile(P80, df) * Math.sqrt(variance * (1 / before.length + 1 / after.length));
  return { difference, interval80: { low: difference - half, high: difference + half } };
}

/** Mean of one sample with its two-sided 80 % interval, from count, sum and sum of squares; null below two values. */
export function meanIntervalOf(n: number, sum: number, squares: number) {
  if (n < 1) return { mean: null, interval80: null };
  const mean = sum / n;
  if (n < 2) return { mean, interval80: null };
  const variance = Math.max(0, squares - n * mean * mean) / (n - 1);
  // Above 2,000 degrees of freedom the quantile moves by less than 0.0005, and its closed form takes a step per degree.
  const half = studentQuantile(P80, Math.min(n - 1, 2_000)) * Math.sqrt(variance / n);
  return { mean, interval80: { low: mean - half, high: mean + half } };
}

/** To the hundredth, half away from zero, without a negative zero. */
export const hundredths = (value: number): number => Math.sign(value) * Math.round(Math.abs(value) * 100) || 0;
export const rounded = (value: number): number => hundredths(value) / 100;

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  differenceOf,
  hundredths,
  meanIntervalOf,
  rounded,
  sdOf,
  squaresOf,
  studentCdf,
  studentQuantile,
} from '../src/domain/statistics.ts';

/** One-sided 90 %, 95 %, 97.5 %: the printed tables, e.g. NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2. */
const TABLE: readonly (readonly [number, number, number, number])[] = [
  [1, 3.078, 6.314, 12.706],
  [2, 1.886, 2.92, 4.303],
  [3, 1.638, 2.353, 3.182],
  [4, 1.533, 2.132, 2.776],
  [5, 1.476, 2.015, 2.571],
  [10, 1.372, 1.812, 2.228],
  [15, 1.341, 1.753, 2.131],
  [20, 1.325, 1.725, 2.086],
  [21, 1.323, 1.721, 2.08],
  [30, 1.31, 1.697, 2.042],
  [60, 1.296, 1.671, 2.0],
  [100, 1.29, 1.66, 1.984],
];

describe("Student's t", () => {
  test.each(TABLE)('with %i degrees of freedom agrees with the printed table', (df, p90, p95, p975) => {
    expect(studentQuantile(0.9, df)).toBeCloseTo(p90, 3);
    expect(studentQuantile(0.95, df)).toBeCloseTo(p95, 3);
    expect(studentQuantile(0.975, df)).toBeCloseTo(p975, 3);
  });

  test('is exact where a closed form is known', () => {
    expect(studentQuantile(0.9, 1)).toBeCloseTo(Math.tan(0.4 * Math.PI), 10);
    // df = 2: t = (2p − 1) / sqrt(2p(1 − p))
    expect(studentQuantile(0.9, 2)).toBeCloseTo(0.8 / Math.sqrt(0.18), 10);
    expect(studentQuantile(0.5, 7)).toBeCloseTo(0, 10);
  });

  test('nears the normal distribution', () => {
    expect(studentQuantile(0.9, 2_000)).toBeCloseTo(1.28155, 2);
  });

  test('quantile and distribution are each other’s inverse, and symmetric', () => {
    const p = fc.double({ min: 0.5, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(p, fc.integer({ min: 1, max: 120 }), (prob, df) => {
        const t = studentQuantile(prob, df);
        expect(studentCdf(t, df)).toBeCloseTo(prob, 9);
        expect(studentCdf(-t, df)).toBeCloseTo(1 - prob, 9);
      }),
    );
  });

  test.each([
    [0.4, 5],
    [1, 5],
    [0.9, 0],
    [0.9, 1.5],
    [Number.NaN, 5],
  ])('refuses p = %d, df = %d', (p, df) => {
    expect(() => studentQuantile(p, df)).toThrow(RangeError);
  });
});

describe('the difference of two means', () => {
  test('has the interval of the pooled t-test, worked by hand', () => {
    // before 40 50 60 (mean 50, squares 200), after 80 90 100 (mean 90, squares 200): s² = 100, se = sqrt(200/3), df = 4.
    const { difference, interval80 } = differenceOf([40, 50, 60], [80, 90, 100]);
    const half = 1.5332062 * Math.sqrt(200 / 3);
    expect(difference).toBe(40);
    expect(interval80?.low).toBeCloseTo(40 - half, 5);
    expect(interval80?.high).toBeCloseTo(40 + half, 5);
  });

  test('collapses to the difference when both samples are constant', () => {
    expect(differenceOf([50, 50, 50], [100, 100, 100])).toEqual({ difference: 50, interval80: { low: 50, high: 50 } });
    // A third is not exact in binary: constant must still mean no spread.
    const third = 100 / 3;
    expect(differenceOf([third, third, third], [100, 100])).toMatchObject({ interval80: { low: 100 - third } });
  });

  test('has no interval with fewer than two calls before, and no difference without a sample', () => {
    expect(differenceOf([50], [90, 100, 80])).toEqual({ difference: 40, interval80: null });
    expect(differenceOf([], [90])).toEqual({ difference: null, interval80: null });
    expect(differenceOf([90, 80], [])).toEqual({ difference: null, interval80: null });
  });

  test('holds the difference, and covers the truth in about four of five cases', () => {
    // Fixed normal-like draws: the sum of twelve uniforms (Irwin–Hall), from a small linear congruential generator.
    let seed = 42;
    const uniform = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const draw = (mean: number) => mean + 10 * (Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6);
    let covered = 0;
    const runs = 4_000;
    for (let i = 0; i < runs; i++) {
      const { difference, interval80 } = differenceOf(
        Array.from({ length: 8 }, () => draw(50)),
        Array.from({ length: 3 }, () => draw(70)),
      );
      expect(difference).toBeGreaterThan(interval80?.low ?? Infinity);
      if (interval80 && interval80.low <= 20 && 20 <= interval80.high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.78);
    expect(covered / runs).toBeLessThan(0.82);
  });
});

test('spread of a sample', () => {
  expect(sdOf([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.13809, 5);
  expect(sdOf([5])).toBeNull();
  expect(squaresOf([])).toBe(0);
});

test('mean and interval from running sums equal those from the values', () => {
  const values = [1000, 2500, -300, 4100];
  const sum = values.reduce((a, b) => a + b);
  const squares = values.reduce((a, b) => a + b * b, 0);
  const { mean, interval80 } = meanIntervalOf(values.length, sum, squares);
  const half = (1.6377444 * (sdOf(values) ?? 0)) / 2;
  expect(mean).toBe(1825);
  expect(interval80?.low).toBeCloseTo(1825 - half, 3);
  expect(meanIntervalOf(1, 5, 25)).toEqual({ mean: 5, interval80: null });
  expect(meanIntervalOf(0, 0, 0)).toEqual({ mean: null, interval80: null });
});

test('rounding is symmetric and knows no negative zero', () => {
  expect(hundredths(-0.001)).toBe(0);
  expect(Object.is(hundredths(-0.001), 0)).toBe(true);
  expect([rounded(33.333), rounded(-33.333), rounded(12.5)]).toEqual([33.33, -33.33, 12.5]);
});

import { expect, test } from 'vitest';
import { rowsOf } from '../src/report/report.ts';
import { figure } from '../src/report/table.ts';
import { quantile, summaryOf } from '../src/statistics.ts';

test('the middle of an even count lies between the two in the middle', () => {
  expect(summaryOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4, values: [4, 1, 3, 2] });
  expect(quantile([10, 20, 30], 0.99)).toBeCloseTo(29.8);
});

test('nothing, or what is no number, has no middle', () => {
  expect(() => summaryOf([])).toThrow(RangeError);
  expect(() => summaryOf([1, Number.NaN])).toThrow(RangeError);
});

test('a ratio is taken within each round, not between the middles', () => {
  const rows = [
    { key: 'base', name: 'base', unit: 'x/s' },
    { key: 'own', name: 'own', unit: 'x/s', over: 'base', goal: { atLeast: 0.8, of: 'ratio' } },
  ] as const;
  const spec = { name: 'm', title: 'M', rounds: 3, rows, round: async () => ({}) };
  const rounds = [
    { base: 100, own: 50 },
    { base: 10, own: 9 },
    { base: 1, own: 2 },
  ];
  const [, own] = rowsOf(spec, rounds);
  expect(own?.ratio).toEqual({ median: 0.9, min: 0.5, max: 2, values: [0.5, 0.9, 2] });
  expect(() => rowsOf(spec, [{ base: 1 }])).toThrow(RangeError);
});

test.each([
  [0, '0'],
  [0.01234, '0.012'],
  [1.234, '1.23'],
  [56.78, '56.8'],
  [123_456.7, '123,457'],
])('%d is written as %s', (value, text) => expect(figure(value)).toBe(text));

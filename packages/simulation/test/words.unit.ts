import { expect, test } from 'vitest';
import { columns, shortened } from '../src/words.ts';

test('what is long is cut behind a word, and says so', () => {
  expect(shortened('one two three', 13)).toBe('one two three');
  expect(shortened('one two three', 12)).toBe('one two …');
  expect(shortened('onetwothree', 6)).toBe('onetw …');
});

test('columns are read downwards, and have their own widths', () => {
  const counts = [
    ['a', 1],
    ['long', 200],
    ['b', 30],
  ] as const;
  expect(columns(counts, 2)).toEqual(['a      1   b 30', 'long 200']);
  expect(columns([], 2)).toEqual([]);
});

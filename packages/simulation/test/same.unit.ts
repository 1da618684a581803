/** The comparison of the checks says what the texts would say. */
import { canonical } from '@coachloop/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSame } from '../src/checks/same.ts';

const leaf = fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, 1, Number.NaN, '', 'a', '0');
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { maxKeys: 3 }),
  ),
})).any;

test('two values are the same exactly where their canonical JSON is', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(isSame({ a }, { a: b })).toBe(canonical({ a }) === canonical({ a: b }));
      expect(isSame([a], [b])).toBe(canonical([a]) === canonical([b]));
    }),
    { numRuns: 2_000 },
  );
});

test('names in another order are the same, one more or another value is not', () => {
  expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(isSame({ a: 1, b: 2 }, { a: 1 })).toBe(false);
  expect(isSame({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  expect(isSame({ c: null }, { a: {}, c: undefined })).toBe(false);
});

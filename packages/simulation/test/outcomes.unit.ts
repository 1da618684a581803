import { expect, test } from 'vitest';
import { isBorneOut } from '../src/checks/outcomes.ts';

const decided = (outcome: string, interval80: { readonly low: number } | null, before = 60) => [
  { outcome, passMark: 80, before: { mean: before }, after: { mean: 90, calls: [] }, interval80 },
];

test.each([
  ['improved', decided('closed', { low: 2 }), true],
  ['improved', decided('closed', { low: -1 }), false],
  ['improved', decided('closed', null), false],
  ['improved', decided('held', { low: 2 }), false],
  ['improved', [], false],
  ['held', decided('held', { low: -1 }, 85), true],
  ['held', decided('held', { low: 2 }, 85), false],
  ['held', decided('held', null, 85), false],
  ['held', decided('held', { low: -1 }, 60), false],
])('a case that was closed as %s by %j: %s', (outcome, reEvaluations, borneOut) => {
  expect(isBorneOut({ outcome, reEvaluations })).toBe(borneOut);
});

/** A failure is made as small as it gets, and the command that shows it again has no word too many. */
import { expect, test } from 'vitest';
import { FAULT_KINDS, type FaultKind, type Limits, NO_LIMITS } from '../src/faults.ts';
import type { Result } from '../src/run.ts';
import { shrink } from '../src/shrink.ts';

/** Of eight calls with a fault of each kind, as far as the limits allow; what a run comes to is `fails`'s to say. */
const runThat = (fails: (faults: ReadonlySet<FaultKind>) => boolean) => async (seed: number, limits: Limits) => {
  const happened = FAULT_KINDS.filter((kind) => !limits.without.has(kind)).slice(0, limits.faults_max);
  const result: Result = {
    ...{ seed, calls: Math.min(8, limits.calls_max), events: 1, distinct: 1, steps: 1, trace: [], about: [] },
    ...{ observations: new Map(), rules: new Map(), faults: new Map(happened.map((kind) => [kind, 1])) },
    violations: fails(new Set(happened)) ? ['lost: something'] : [],
  };
  return result;
};

test('what fails without any fault is shown without any, and no kind is named', async () => {
  const given = { ...NO_LIMITS, without: new Set(['crash'] as const) };
  const { limits } = await shrink(
    1,
    given,
    runThat(() => true),
  );
  expect(limits).toMatchObject({ calls_max: 1, faults_max: 0, without: [] });
});

test('a kind that it fails with as well is not named', async () => {
  // The first kind alone is enough: a bound says all.
  const { limits } = await shrink(
    1,
    NO_LIMITS,
    runThat((faults) => faults.has('store-away')),
  );
  expect(limits).toMatchObject({ faults_max: 1, without: [] });
});

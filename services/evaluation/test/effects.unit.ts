import type { ReEvaluationResult } from '@coachloop/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EffectShare, handleEffect, mergeEffects, newShare, shareIdOf } from '../src/domain/effects.ts';
import { handleWindow, newWindow } from '../src/domain/windows.ts';
import { C, CASE, DAY, HOUR, message, Review, scored, T0, trained } from './given.ts';

const result = (outcome: ReEvaluationResult['outcome'], difference: number | null, competency = C) =>
  message('evaluation.completed', { competency, outcome, difference });
const shareOf = (...all: ReturnType<typeof result>[]) =>
  all.reduce<EffectShare>((share, m) => handleEffect(share, m).state, newShare());

test('counts outcomes, and the mean difference with its interval', () => {
  const share = shareOf(result('closed', 40), result('repeated', 10), result('insufficient-evidence', null));
  const [effect] = mergeEffects([share]);
  expect(effect).toMatchObject({
    competency: C,
    outcomes: { closed: 1, held: 0, repeated: 1, escalated: 0, 'insufficient-evidence': 1 },
    differences: 2,
    meanDifference: 25,
  });
  // sd 21.213, se 15, t(0.9; 1) = 3.0777
  expect(effect?.interval80?.low).toBeCloseTo(25 - 46.17, 1);
});

test('a share that was made before cases could be held goes on', () => {
  const { held: _, ...old } = newShare().outcomes;
  const share = handleEffect({ ...newShare(), outcomes: { ...old, closed: 2 } }, result('held', 5)).state;
  const untouched: EffectShare = { ...newShare(), competency: C, outcomes: { ...old, closed: 1 } };
  expect(mergeEffects([share, untouched])[0]?.outcomes).toMatchObject({ closed: 3, held: 1 });
});

test('does not depend on order, nor on how results fall into partitions', () => {
  const one = fc.record({
    outcome: fc.constantFrom('closed', 'held', 'repeated', 'escalated', 'insufficient-evidence' as const),
    difference: fc.option(fc.double({ min: -100, max: 100, noNaN: true })),
    competency: fc.constantFrom(C, 'other'),
    partition: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (all) => {
      const merge = (list: typeof all, partitions: number) => {
        const shares = new Map<string, EffectShare>();
        for (const r of list) {
          const id = shareIdOf(r.competency, r.partition % partitions);
          const m = result(r.outcome, r.difference, r.competency);
          shares.set(id, handleEffect(shares.get(id) ?? newShare(), m).state);
        }
        return mergeEffects([...shares.values()]);
      };
      expect(merge(all.toReversed(), 4)).toEqual(merge(all, 1));
    }),
  );
});

test('a window for reading holds its opening and its result, in whichever order they come', () => {
  const review = new Review();
  review.when(...[30, 50].map((score, n) => scored({ n, startedAt: T0 + n * HOUR, score })), trained(T0 + DAY));
  review.when(...[4, 5, 6].map((n) => scored({ n, startedAt: T0 + DAY + n * HOUR, score: 100 })));
  const [opened, completed] = review.said.map((e) => message(e.type, e.data));
  expect(opened && completed).toBeTruthy();
  if (!opened || !completed) return;
  const read = [opened, completed].reduce((s, m) => handleWindow(s, m).state, newWindow(`${CASE}.1`));
  const reversed = [completed, opened].reduce((s, m) => handleWindow(s, m).state, newWindow(`${CASE}.1`));
  expect(read).toEqual(reversed);
  expect(read).toMatchObject({ caseId: CASE, attempt: 1, opened: { calls: 3 }, result: { outcome: 'closed' } });
});

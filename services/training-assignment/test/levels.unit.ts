/** The default policy: levels and not single calls. */
import type { Emit, TrainingEventData } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIDENCES, upperBound } from '../src/domain/bound.ts';
import { type Learner, newLearner } from '../src/domain/learner.ts';
import { handleLearner } from '../src/domain/learners.ts';
import { readPolicy } from '../src/index.ts';
import { AGENT, type CallSpec, HOUR, RULES, Subject, scored, T0 } from './given.ts';

const rules = { ...RULES, policy: readPolicy() };
const learner = () => new Subject<Learner>(newLearner(AGENT), handleLearner(rules));
const call = (n: number, answers: CallSpec['answers']) => scored({ n, endedAt: T0 + n * HOUR, answers });
const casesOf = (events: readonly Emit[]) =>
  events.filter((e) => e.type === 'training.case.opened') as Emit<TrainingEventData<'training.case.opened'>>[];
/** y: yes, n: no, N: a critical no; one call each. Returns what was opened, with the number of the call. */
function after(calls: string): { readonly at: number; readonly trigger: { readonly rule: string } }[] {
  const agent = learner();
  return [...calls].flatMap((answer, i) =>
    casesOf(agent.when(call(i + 1, { a: answer === 'y' ? 'yes' : answer === 'N' ? 'no!' : 'no' }))).map(({ data }) => ({
      at: i + 1,
      trigger: data.trigger,
    })),
  );
}

describe('given calls of one criterion, when they are scored one by one, then', () => {
  test('an agent who is right now and then is sent to training, with the level and its bound as the reason', () => {
    expect(after('nynnyn')).toMatchObject([
      {
        at: 6,
        trigger: { rule: 'low-level', mean: 33.33, observed: 65.3, threshold: 75, confidence: 0.95, policyVersion: 2 },
      },
    ]);
  });

  test('the case is re-evaluated on the form of most of its calls', () => {
    const agent = learner();
    const chat = { id: 'chat-en', version: 1 };
    const on = (n: number, form: { id: string; version: number }) => {
      const message = call(n, { a: 'no', b: n % 3 ? 'no' : 'yes' });
      return { ...message, data: { ...(message.data as object), form } };
    };
    const voice = { id: 'inbound-en', version: 1 };
    const said = [voice, chat, voice, voice, voice, chat].flatMap((form, i) => agent.when(on(i + 1, form)));
    expect(casesOf(said).map(({ data }) => data.form)).toEqual([voice]);
  });

  test('four bad calls of six are too many, three are not enough to tell', () => {
    expect(after('nynnyn')).toHaveLength(1);
    expect(after('nynyny')).toEqual([]);
  });

  test('fewer than six calls are no level, however bad', () => {
    expect(after('nnyn')).toEqual([]);
  });

  test('a good agent is left alone after three fails in a row', () => {
    expect(after(`${'y'.repeat(12)}nnn${'y'.repeat(10)}`)).toEqual([]);
  });

  test('five fails of one criterion in a row open a case at once', () => {
    expect(after(`${'y'.repeat(12)}nnnnn`)).toMatchObject([{ at: 17, trigger: { rule: 'consecutive-fails' } }]);
  });

  test('one critical failure is a slip, a second one within twenty calls is not', () => {
    expect(after(`N${'y'.repeat(30)}`)).toEqual([]);
    expect(after(`N${'y'.repeat(18)}N`)).toMatchObject([
      { at: 20, trigger: { rule: 'critical-failure', observed: 2 } },
    ]);
    expect(after(`N${'y'.repeat(19)}N`)).toEqual([]);
  });

  test('of two hundred agents at 90 % few are sent to training within 20 calls, of as many at 30 % nearly all', () => {
    let x = 12_345;
    const random = () => {
      x = (x * 1_103_515_245 + 12_345) % 2 ** 31;
      return x / 2 ** 31;
    };
    const sent = (level: number) =>
      Array.from({ length: 200 }, () =>
        after(Array.from({ length: 20 }, () => (random() < level ? 'y' : 'n')).join('')),
      ).filter((opened) => opened.length > 0).length;
    expect(sent(0.9)).toBeLessThanOrEqual(4);
    expect(sent(0.3)).toBeGreaterThanOrEqual(195);
  });
});

describe('the upper bound', () => {
  test('is the one of the textbook', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, two-sided 95 %: 0.2553 to 0.3662.
    const scores = Array.from({ length: 263 }, (_, i) => (i < 81 ? 100 : 0));
    expect(upperBound(scores, 0.975)).toBeCloseTo(36.62, 2);
    expect(upperBound([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.975)).toBeCloseTo(27.75, 2);
  });

  test('lies above the mean and at most at 100, falls with more calls alike, and rises with confidence', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, (list) => {
        const mean = list.reduce((a, b) => a + b, 0) / list.length;
        const bounds = CONFIDENCES.map((confidence) => upperBound(list, confidence));
        for (const [i, bound] of bounds.entries()) {
          expect(bound).toBeGreaterThanOrEqual(mean - 1e-9);
          expect(bound).toBeLessThanOrEqual(100 + 1e-9);
          expect(bound).toBeGreaterThanOrEqual((bounds[i - 1] ?? 0) - 1e-9);
        }
        expect(upperBound([...list, ...list], 0.95)).toBeLessThanOrEqual(upperBound(list, 0.95) + 1e-9);
      }),
    );
  });
});

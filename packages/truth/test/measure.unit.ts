import { describe, expect, it } from 'vitest';
import { interval95, measure, type Played, trueAnswer } from '../src/index.ts';
import { optionsOf, UsageError } from '../src/options.ts';
import type { PlayedCase } from '../src/play.ts';
import { verdictLine, verdictOf } from '../src/report.ts';

const base = { rule: 'low-level', levelBefore: 0.3, reviews: [], ended: null } as const;
const one = (
  agentKey: string,
  competency: string,
  calls: number,
  rightly: boolean,
  more: Partial<PlayedCase> = {},
): PlayedCase => ({
  ...{ ...base, reviews: [] },
  ...{ agentKey, competency, calls, rightly },
  ...more,
});
const played = (cases: readonly PlayedCase[]): Played => ({
  agentKeys: ['A', 'B', 'C', 'D'],
  weak: [
    { agentKey: 'A', competency: 'call-control' },
    { agentKey: 'A', competency: 'needs-analysis' },
    { agentKey: 'B', competency: 'call-control' },
  ],
  cases,
  scores: [],
  agreement: new Map(),
  calls: 0,
});

describe('given what was opened and what is true', () => {
  const [at10, at20] = measure(
    [
      played([
        one('A', 'call-control', 8, true),
        one('A', 'problem-solving', 9, false),
        one('B', 'call-control', 15, true),
        one('C', 'call-control', 20, false),
      ]),
    ],
    [10, 20],
  ).at;

  it('precision counts cases, recall counts weaknesses, each up to the call', () => {
    expect(at10).toMatchObject({
      precision: { yes: 1, of: 2 },
      recall: { yes: 1, of: 3 },
      strongSent: { yes: 0, of: 2 },
    });
    expect(at20).toMatchObject({
      precision: { yes: 2, of: 4 },
      recall: { yes: 2, of: 3 },
      strongSent: { yes: 1, of: 2 },
    });
  });
});

it('closing is judged by the true level: rightly, wrongly, found at first and in the end', () => {
  const { closing } = measure(
    [
      played([
        one('A', 'call-control', 8, true, {
          reviews: [
            { outcome: 'repeated', level: 0.8 },
            { outcome: 'closed', level: 0.9 },
          ],
          ended: { outcome: 'improved', level: 0.9 },
        }),
        one('B', 'call-control', 8, true, {
          reviews: [{ outcome: 'closed', level: 0.3 }],
          ended: { outcome: 'improved', level: 0.3 },
        }),
        one('C', 'call-control', 9, false, {
          levelBefore: 0.88,
          reviews: [{ outcome: 'held', level: 0.88 }],
          ended: { outcome: 'held', level: 0.88 },
        }),
        one('D', 'call-control', 9, false, {
          levelBefore: 0.4,
          reviews: [{ outcome: 'held', level: 0.6 }],
          ended: { outcome: 'held', level: 0.6 },
        }),
      ]),
    ],
    [10],
  );
  expect(closing).toEqual({
    closedRightly: { yes: 1, of: 2 },
    heldRightly: { yes: 1, of: 2 },
    closedWrongly: { yes: 1, of: 2 },
    foundAtFirst: { yes: 1, of: 2 },
    foundAtLast: { yes: 2, of: 2 },
  });
});

it('the interval of a share is the one of the textbook', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I.
  expect(interval95({ yes: 81, of: 263 })).toEqual({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
  expect(interval95({ yes: 0, of: 0 })).toBeNull();
});

it('the oracle answers what was shown, all of it, and leaves open what gave no occasion', () => {
  expect(trueAnswer('courtesy', { 'uses-courtesy': true, 'stays-polite': false })).toBe(false);
  expect(trueAnswer('greeting', { greets: true })).toBe(true);
  expect(trueAnswer('hold-announced', {})).toBeNull();
  expect(trueAnswer('standard-language', { greets: true })).toBeNull();
});

describe('options', () => {
  it('have defaults', () => {
    expect(optionsOf([])).toMatchObject({ agents: 200, weak: undefined, seed: 1, runs: 3, json: false });
    expect(optionsOf(['--agents', '50', '--weak', '0.4', '--seed', '9', '--json'])).toMatchObject({
      agents: 50,
      weak: 0.4,
      seed: 9,
      json: true,
    });
  });
  it.each([
    ['--agents', '0'],
    ['--weak', '2'],
    ['--weak', ''],
    ['--seed', '1.5'],
    ['--sed', '1'],
  ])('%s %s is refused', (...args) => {
    expect(() => optionsOf(args)).toThrow(UsageError);
  });
});

describe('the verdict', () => {
  const verdictFor = (cases: readonly PlayedCase[], { weak = played([]).weak, forDefault = true } = {}) => {
    const measured = measure([{ ...played(cases), weak }], [10, 20, 40]);
    return verdictOf({ scoring: measured, oracle: measured }, forDefault);
  };
  const all = [
    one('A', 'call-control', 8, true),
    one('A', 'needs-analysis', 9, true),
    one('B', 'call-control', 9, true),
  ];

  it('is reached where both are at 0.8 and above after 20 calls', () => {
    const figures = { calls: 20, precision: 1, recall: 1, goal: 0.8 };
    expect(verdictFor(all)).toEqual({ ...figures, forDefault: true, reached: true });
    expect(verdictLine(verdictFor(all))).toBe(
      'truth: after 20 calls per agent precision 1.00, recall 1.00: the goal of 0.8 is reached',
    );
  });
  it('is missed where one of them is below, or nothing was opened', () => {
    expect(verdictFor(all.slice(1)).reached).toBe(false);
    expect(verdictFor([...all, one('C', 'call-control', 20, false)]).reached).toBe(false);
    expect(verdictFor([])).toMatchObject({ precision: null, reached: false });
    expect(verdictLine(verdictFor([]))).toMatch(/precision –, recall 0\.00: the goal of 0\.8 is missed$/);
  });
  it('tells the figures alone where something else than the default was asked', () => {
    expect(verdictLine(verdictFor(all.slice(1), { forDefault: false }))).toBe(
      'truth: after 20 calls per agent precision 1.00, recall 0.67 (0.8 for both is the goal of the default alone)',
    );
  });
  it('is none where nobody was weak', () => {
    const verdict = verdictFor([one('C', 'call-control', 20, false)], { weak: [], forDefault: false });
    expect(verdict).toMatchObject({ precision: 0, recall: null, reached: null });
    expect(verdictLine(verdict)).toMatch(/^truth: nobody is weak, so there is nothing to find/);
  });
});

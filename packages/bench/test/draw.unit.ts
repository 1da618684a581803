import { expect, test } from 'vitest';
import type { RowSpec } from '../src/measure.ts';
import { draw } from '../src/report/draw.ts';
import { type MeasureReport, type Rounds, rowsOf } from '../src/report/report.ts';
import { CONDITIONS } from './conditions.ts';

const BASE = { key: 'base', name: 'base', unit: 's' } as const;

function picture(row: Omit<RowSpec, 'key' | 'name' | 'unit'>, values: readonly number[]): string {
  const rows: readonly RowSpec[] = [BASE, { key: 'own', name: 'own <one>', unit: 's', ...row }];
  const rounds: Rounds = values.map((own) => ({ base: 1, own }));
  const measure: MeasureReport = {
    name: 'log',
    title: 'Log & rows',
    rows: rowsOf({ name: 'log', title: '', rounds: 1, rows, round: async () => ({}) }, rounds),
    notes: [],
    rounds: values.length,
    ...CONDITIONS,
  };
  return draw(measure);
}

/** The track and the bar; the card behind them has rounded corners. */
const widths = (svg: string) =>
  [...svg.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map((each) => Number(each[1]));

test('a goal stands at two thirds of its row, and the row says what of, how much and whether it is met', () => {
  const svg = picture({ over: 'base', goal: { atLeast: 0.6, of: 'ratio' } }, [0.06, 0.03, 0.09]);
  const [track = 0, bar = 0] = widths(svg);
  expect(bar / track).toBeCloseTo((0.06 / 0.6) * (2 / 3), 2);
  for (const words of [
    'Log &amp; rows',
    'own &lt;one&gt;',
    'of: base',
    'goal ≥ 0.6 ×',
    '0.060 ×',
    '>missed<',
    'lowest to highest',
  ])
    expect(svg).toContain(words);
});

test('a goal of the figure itself is drawn by the figure', () => {
  const svg = picture({ over: 'base', goal: { atMost: 3, of: 'figure' } }, [1.5]);
  const [track = 0, bar = 0] = widths(svg);
  expect(bar / track).toBeCloseTo(1 / 3, 2);
  for (const words of ['goal ≤ 3 s', '1.50 s', '1.50 × of: base', '>met<', 'one round']) expect(svg).toContain(words);
  expect(svg).not.toContain('lowest to highest');
});

test('what is far beyond its goal ends in an arrow', () => {
  const svg = picture({ over: 'base', goal: { atMost: 1, of: 'ratio' } }, [40]);
  const [track, bar] = widths(svg);
  expect(bar).toBe(track);
  expect(svg).toContain('▶');
  expect(svg).toContain('<path ');
  expect(picture({ over: 'base', goal: { atMost: 1, of: 'ratio' } }, [1.4])).not.toContain('<path ');
});

test('without a goal the baseline is on the scale, and what is below zero too', () => {
  const [track = 0, bar = 0] = widths(picture({ over: 'base' }, [0.02]));
  expect(bar / track).toBeCloseTo(0.02, 2);
  const svg = picture({ over: 'base' }, [-0.25, 0.5, 0.25]);
  const [whole = 0, positive = 0] = widths(svg);
  expect(positive / whole).toBeCloseTo(0.25 / 1.25, 2);
  expect(svg).toContain('>0</text>');
});

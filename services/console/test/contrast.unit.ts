/** WCAG 2.2 AA: 4.5 : 1 for text, 3 : 1 for marks, in light and dark. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../web/styles/tokens.css'), 'utf8');
const TEXT: readonly (readonly [string, string])[] = ['ink', 'ink-2', 'accent', 'good', 'bad', 'warn'].flatMap((ink) =>
  ['ground', 'raised'].map((ground) => [ink, ground] as const),
);
const ON_SOFT = [
  ['accent', 'accent-soft'],
  ['bad', 'bad-soft'],
  ['warn', 'warn-soft'],
  ['ink', 'mark'],
  ['ink-2', 'accent-soft'],
  ['ink-2', 'bad-soft'],
  ['ground', 'accent'],
] as const;
const MARKS = ['stage-idle', 'score-1', 'score-2', 'score-3', 'score-4', 'score-5'].map(
  (mark) => [mark, 'ground'] as const,
);

function tokensOf(selector: string): ReadonlyMap<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

it.each([
  ['light', ':root'],
  ['dark', ':root[data-mantine-color-scheme="dark"]'],
])('the colours can be read in %s', (_name, selector) => {
  const tokens = tokensOf(selector);
  const weak = (pairs: readonly (readonly [string, string])[], least: number) =>
    pairs.flatMap(([ink, ground]) => {
      const ratio = contrast(tokens.get(ink) ?? '', tokens.get(ground) ?? '');
      return ratio >= least ? [] : [`${ink} on ${ground}: ${ratio.toFixed(2)}`];
    });
  expect([...weak([...TEXT, ...ON_SOFT], 4.5), ...weak(MARKS, 3)]).toEqual([]);
});

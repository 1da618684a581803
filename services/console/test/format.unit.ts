import { describe, expect, it } from 'vitest';
import { formatsFor } from '../web/format/number.ts';
import { duration } from '../web/format/time.ts';

describe('durations', () => {
  it.each([
    [0, '0:00'],
    [42_400, '0:42'],
    [187_000, '3:07'],
    [59_999, '0:59'],
    [3_599_600, '59:59'],
    [-400, '0:00'],
    [86_399_999, '23:59:59'],
    [93_599_000, '1 d 1 h'],
    [3_729_000, '1:02:09'],
    [86_400_000, '1 d'],
    [187_200_000, '2 d 4 h'],
    [-65_000, '−1:05'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('numbers', () => {
  const en = formatsFor('en-GB');
  const zh = formatsFor('zh-CN');

  it('stand beside another one with the decimals that tell them apart', () => {
    expect(en.scoreBeside(61.7, 75)).toBe('62');
    expect(en.scoreBeside(74.6, 75)).toBe('74.6');
    expect(en.scoreBeside(74.98, 75)).toBe('74.98');
    expect(en.scoreBeside(75, 75)).toBe('75');
  });

  it('are grouped, and shortened from 100,000 on', () => {
    expect([en.whole(4216), en.whole(1_250_000), zh.whole(1_250_000)]).toEqual(['4,216', '1.3m', '125万']);
  });

  it('have a decimal only where a share is small', () => {
    expect([en.percent(0.374), en.percent(0.0453), en.percent(0), en.percent(1)]).toEqual([
      '37%',
      '4.5%',
      '0%',
      '100%',
    ]);
  });

  it('say their direction', () => {
    expect([en.signed(4.4), en.signed(-3.6), en.signed(0.2), en.signed(-0.4)]).toEqual(['+4', '−4', '±0', '±0']);
  });
});

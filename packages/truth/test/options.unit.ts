import { expect, test } from 'vitest';
import { exitCodeOf, isDefault, optionsOf } from '../src/options.ts';

test.each([[[]], [['--seed', '1', '--runs', '3', '--json']], [['--agents', '200', '--weak', '0.2', '--calls', '70']]])(
  '%j asks about what ships, which has to reach the goal',
  (words) => {
    const forDefault = isDefault(optionsOf(words));
    expect(forDefault).toBe(true);
    expect(exitCodeOf({ reached: true, forDefault })).toBe(0);
    expect(exitCodeOf({ reached: false, forDefault })).toBe(1);
  },
);

test.each([
  [['--agents', '5']],
  [['--weak', '0']],
  [['--calls', '40']],
  [['--seed', '10']],
  [['--runs', '1']],
  [['--config', 'x.yaml']],
  [['--phrases', 'x.yaml']],
  [['--policy', 'x.yaml']],
  [['--reviews', 'x.yaml']],
])('%j asks about something else, where a low figure is an answer', (words) => {
  const forDefault = isDefault(optionsOf(words));
  expect(forDefault).toBe(false);
  expect(exitCodeOf({ reached: false, forDefault })).toBe(0);
});

import { expect, test } from 'vitest';
import { exitCodeOf, optionsOf } from '../src/options.ts';

test.each([[[]], [['--seed', '9', '--runs', '1', '--json']], [['--agents', '200', '--weak', '0.2', '--calls', '70']]])(
  '%j asks about what ships, which has to reach the goal',
  (words) => {
    expect(exitCodeOf({ reached: true }, optionsOf(words))).toBe(0);
    expect(exitCodeOf({ reached: false }, optionsOf(words))).toBe(1);
  },
);

test.each([
  [['--agents', '5']],
  [['--weak', '0']],
  [['--calls', '40']],
  [['--config', 'x.yaml']],
  [['--phrases', 'x.yaml']],
  [['--policy', 'x.yaml']],
  [['--reviews', 'x.yaml']],
])('%j asks about something else, where a low figure is an answer', (words) =>
  expect(exitCodeOf({ reached: false }, optionsOf(words))).toBe(0),
);

/** When, where and of what a measure in a test was made: none of it is looked at but as text. */
export const CONDITIONS = {
  quick: false,
  at: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  machine: { processor: 'P', cores: 2, memoryGiB: 4, system: 'linux 6', node: '26.0.0' },
  load: { before: 0.1, after: 1.5 },
  seconds: 3,
} as const;

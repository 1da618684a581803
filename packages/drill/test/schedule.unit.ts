import { expect, test } from 'vitest';
import { optionsOf, UsageError } from '../src/options.ts';
import { EMBEDDED_PLACES, FAULT_EVERY_MS, scheduleOf } from '../src/schedule.ts';

test('the same seed gives the same schedule, and a longer one begins like a shorter one', () => {
  const short = scheduleOf(7, 1);
  expect(scheduleOf(7, 1)).toEqual(short);
  expect(scheduleOf(7, 5).slice(0, short.length)).toEqual(short);
  expect(scheduleOf(8, 1)).not.toEqual(short);
});

test('there is a fault for every six seconds, in the order of their times', () => {
  const times = scheduleOf(1, 15).map(({ atMs }) => atMs);
  expect(times).toHaveLength((15 * 60_000) / FAULT_EVERY_MS);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
});

test('within a quarter of an hour every place has its turn, and every kind', () => {
  const schedule = scheduleOf(1, 15);
  const crashed = schedule.flatMap((fault) => (fault.kind === 'crash' ? [`${fault.service}/${fault.point}`] : []));
  expect(new Set(crashed)).toEqual(new Set(EMBEDDED_PLACES.map(({ service, point }) => `${service}/${point}`)));
  expect(new Set(schedule.map(({ kind }) => kind))).toEqual(new Set(['kill', 'crash', 'disk-full', 'restart']));
});

test('--only draws from what it names, each as often', () => {
  const { schedule } = optionsOf([
    '--minutes',
    '1',
    '--only',
    'store-killed,crash:call-ingest/saved:8,freeze:qa-scoring,freeze-at:evaluation/loaded,service-down:live-metrics/spilled:2',
  ]);
  const [crash] = schedule.filter(({ kind }) => kind === 'crash');
  expect(crash).toMatchObject({ service: 'call-ingest', point: 'saved', passes: 8 });
  expect(schedule.find(({ kind }) => kind === 'freeze-at')).toMatchObject({ service: 'evaluation', point: 'loaded' });
  const down = { service: 'live-metrics', point: 'spilled', passes: 2 };
  expect(schedule.find(({ kind }) => kind === 'service-down')).toMatchObject(down);
  for (const fault of schedule) if (fault.kind === 'freeze') expect(fault.service).toBe('qa-scoring');
  const named = new Set(['store-killed', 'crash', 'freeze', 'freeze-at', 'service-down']);
  expect(new Set(schedule.slice(0, 5).map(({ kind }) => kind))).toEqual(named);
  expect(new Set(schedule.map(({ kind }) => kind))).toEqual(named);
});

test.each<readonly [readonly string[], string]>([
  [['--only', 'crash:nowhere/saved'], 'nobody passes nowhere/saved'],
  [['--only', 'crash:qa-scoring/saved:0'], 'passes'],
  [['--only', 'hours-later:qa-scoring/saved'], 'nobody passes qa-scoring/saved'],
  [['--only', 'freeze:nobody'], 'no service nobody'],
  [['--only', 'broker-killed:qa-scoring'], 'broker-killed is not done to one service'],
  [['--embedded', '--only', 'kill:qa-scoring'], 'kill is not done to one service'],
  [['--embedded', '--only', 'crash:call-ingest/committed'], 'nobody passes call-ingest/committed'],
  [['--embedded', '--only', 'freeze'], '--only: there is no freeze here'],
  ...['--embedded', '--dry-run', '--json', '--keep'].map(
    (more) => [['--mutants', more], `not go with ${more}`] as const,
  ),
  ...['--minutes', '--seed', '--rate', '--agents', '--only', '--mutant'].map(
    (more) => [['--mutants', more, '1'], `not go with ${more}`] as const,
  ),
  [['--embedded', '--minutes', 'x'], '--minutes'],
  [['--embedded', '--minutes', '-3'], '--minutes must be a number from 0.1 to 600, not "-3"'],
  [['--embedded', '--seed', '1.5'], '--seed'],
  [['--embedded', '--agents', '2.5'], '--agents must be a whole number'],
  [['--embedded', '--mutant', 'x'], 'no mutant x'],
  [['--embedded', 'more'], 'more'],
])('%j is refused with a word about it', (words, about) => {
  expect(() => optionsOf(words)).toThrow(UsageError);
  expect(() => optionsOf(words)).toThrow(about);
});

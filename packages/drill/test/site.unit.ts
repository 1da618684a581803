import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSite } from '@coachloop/cli/site';
import { expect, onTestFinished, test } from 'vitest';
import { distributedSchedule, OFFSET_MS_MAX } from '../src/distributed/schedule.ts';
import { DAY_MS, siteOf, writeSite } from '../src/site.ts';

const NOW_MS = Date.parse('2026-03-03T12:00:00Z');
const CALLS_FROM_MS = Date.parse('2026-03-01T00:00:00Z');

test('what is written is read by the services as it is meant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const site = siteOf(1, CALLS_FROM_MS, NOW_MS);
  const written = writeSite(folder, site);
  const { training, evaluation } = readSite(written);
  expect({ triggers: training.policy, reviews: evaluation.policy }).toEqual(site);
  const { rules, coolDownDays } = readSite(undefined).training.policy;
  expect(site.triggers).toMatchObject({ rules, coolDownDays });
});

test.each([1, 30, 600])('in a load of %i minutes nothing comes due by clocks an hour off', (minutes) => {
  const { triggers, reviews } = siteOf(minutes, CALLS_FROM_MS, NOW_MS);
  const lastsMs = 1.5 * minutes * 60_000;
  expect(triggers.dueDays * DAY_MS - lastsMs).toBeGreaterThan(2 * OFFSET_MS_MAX);
  expect(CALLS_FROM_MS + reviews.deadlineDays * DAY_MS - lastsMs - NOW_MS).toBeGreaterThan(OFFSET_MS_MAX);
});

test.each([
  [0.3, 0],
  [30, 3],
])(
  'in a load of %f minutes windows of re-evaluation stay open while clocks are moved the first %i times',
  (minutes, times) => {
    const only = { kinds: ['hours-later' as const], places: {}, services: [] };
    const schedule = distributedSchedule(7, minutes, minutes < 1 ? only : null);
    const moves = schedule.filter((fault) => fault.kind === 'hours-later' && fault.service === 'evaluation');
    const movedMs = (n: number) =>
      moves.slice(0, n).reduce((sum, fault) => sum + ('byMs' in fault ? fault.byMs : 0), 0);
    const { reviews } = siteOf(minutes, CALLS_FROM_MS, NOW_MS, schedule);
    // Of a training that was completed with the latest calls, a load later.
    const deadlineMs = NOW_MS + reviews.deadlineDays * DAY_MS - (NOW_MS - CALLS_FROM_MS) - NOW_MS;
    expect(moves.length).toBeGreaterThan(times);
    expect(deadlineMs - movedMs(times)).toBeGreaterThan(OFFSET_MS_MAX);
    expect(deadlineMs + 2 * minutes * 60_000 - movedMs(times + 1)).toBeLessThan(-OFFSET_MS_MAX);
  },
);

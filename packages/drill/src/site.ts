/**
 * The site of a drill: what is shipped, with terms of hours in place of days, so that timers of trainings and re-evaluations come due. While the
 * load lasts they do so only where a clock is moved by hours; afterwards, when time passes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSite, type Site as WholeSite } from '@coachloop/cli/site';
import type { Schedule } from './schedule.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface Site {
  readonly triggers: WholeSite['training']['policy'];
  readonly reviews: WholeSite['evaluation']['policy'];
}

/** Two clocks, each up to an hour off. */
const CLOCKS_APART_MS = 2 * HOUR_MS;
/** Beside the load, which lasts up to half as long again: faults that end, what is still to be said, the way to quiet. */
const ASIDE_MS = 20 * 60_000;
/** Between two steps of a case that is overdue. */
const STEP_MS = HOUR_MS;
const REMINDERS = 2;
/** No call may be too old for a case by a clock that was moved. */
const BACKFILL_AGE_DAYS = 30;

/**
 * `callsFromMs`: when the first call begins, by the clock of the calls; what was learnt is reported by that clock, too. Once the clock of evaluation
 * has passed their deadlines, windows close as soon as they open: so it takes half of the schedule's `hours-later` to get there.
 */
export function siteOf(minutes: number, callsFromMs: number, nowMs: number, schedule: Schedule = []): Site {
  const { training, evaluation } = readSite(undefined);
  const [triggers, reviews] = [training.policy, evaluation.policy];
  const notBeforeMs = CLOCKS_APART_MS + 2 * minutes * 60_000 + ASIDE_MS;
  const moves = schedule.flatMap((fault) =>
    fault.kind === 'hours-later' && fault.service === 'evaluation' ? [fault.byMs] : [],
  );
  const firstMs = moves.slice(0, Math.max(0, Math.floor((moves.length - 1) / 2))).reduce((sum, byMs) => sum + byMs, 0);
  return {
    triggers: {
      ...triggers,
      version: triggers.version + 1,
      backfillAgeDays: BACKFILL_AGE_DAYS,
      dueDays: notBeforeMs / DAY_MS,
      overdue: { reminders: REMINDERS, everyDays: STEP_MS / DAY_MS, endAfterDays: STEP_MS / DAY_MS },
    },
    reviews: {
      ...reviews,
      version: reviews.version + 1,
      deadlineDays: (nowMs - callsFromMs + notBeforeMs + firstMs) / DAY_MS,
    },
  };
}

/** Returns the folder, for COACHLOOP_SITE. JSON is YAML. */
export function writeSite(within: string, { triggers, reviews }: Site): string {
  const folder = join(within, 'site');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'triggers.yaml'), JSON.stringify(triggers));
  writeFileSync(join(folder, 'reviews.yaml'), JSON.stringify(reviews));
  return folder;
}

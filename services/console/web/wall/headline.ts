/** The wall's first sentence: what is wrong now, and against what. Pure, so that its order of importance can be tested. */
import type { Criterion, Figure, Reading, Snapshot } from '@coachloop/contracts';
import type { Outage } from '../data/types.ts';

/** Fewer say nothing. */
const N_MIN = 20;
const FALL_POINTS_MIN = 5;
const FAIL_PERCENT_MIN = 25;
/** A shorter wait is a hiccup. */
export const STALL_MS_MIN = 5_000;

/** What time the figure is of. */
export type Over = 'hour' | 'day';

export type Headline =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'outage'; readonly outages: readonly Outage[] }
  | { readonly kind: 'stalled' | 'away'; readonly service: string }
  | { readonly kind: 'service-level'; readonly now: number; readonly target: number; readonly over: Over }
  | { readonly kind: 'abandoned'; readonly now: number; readonly bound: number; readonly over: Over }
  | { readonly kind: 'score-fell'; readonly now: number; readonly before: number }
  | { readonly kind: 'criterion'; readonly questionId: string; readonly missed: number; readonly usual: number }
  | { readonly kind: 'calm'; readonly score: number | null };

/** In an outage the snapshot is an old one. */
export function headlineOf(snapshot: Snapshot, outages: readonly Outage[]): Headline {
  const { figures, health, criteria, targets } = snapshot;
  if (outages.length > 0) return { kind: 'outage', outages };
  if (snapshot.latestEventAt === null) return { kind: 'waiting' };
  const stalled = health?.stalled.find(({ ms }) => ms >= STALL_MS_MIN);
  if (stalled) return { kind: stalled.away ? 'away' : 'stalled', service: stalled.service };
  const level = recent(figures.serviceLevel);
  if (level && level.value < targets.serviceLevelPercent)
    return { kind: 'service-level', now: level.value, target: targets.serviceLevelPercent, over: level.over };
  const abandoned = recent(figures.abandonedRate);
  if (abandoned && abandoned.value > targets.abandonedPercentMax)
    return { kind: 'abandoned', now: abandoned.value, bound: targets.abandonedPercentMax, over: abandoned.over };
  const { meanScore } = figures;
  const lately = enough(meanScore.hour);
  if (lately !== null && meanScore.value !== null && meanScore.value - lately >= FALL_POINTS_MIN)
    return { kind: 'score-fell', now: lately, before: meanScore.value };
  return weakCriterion(criteria.weakest) ?? { kind: 'calm', score: meanScore.value };
}

/** The last hour where it has enough to say, else the figure itself. */
function recent(figure: Figure): { readonly value: number; readonly over: Over } | null {
  const [hour, day] = [enough(figure.hour), enough(figure)];
  if (hour !== null) return { value: hour, over: 'hour' };
  return day === null ? null : { value: day, over: 'day' };
}
const enough = (reading: Reading | undefined): number | null => (reading && reading.n >= N_MIN ? reading.value : null);

export const answered = ({ yes, no }: Criterion): number => yes + no;

/** One that is missed often, and at least twice as often as those listed with it are on average. */
function weakCriterion(weakest: readonly Criterion[]): Headline | null {
  const known = weakest.filter((criterion) => answered(criterion) >= N_MIN);
  const worst = known.toSorted((a, b) => (b.failPercent ?? 0) - (a.failPercent ?? 0))[0];
  if (!worst || known.length < 2 || (worst.failPercent ?? 0) < FAIL_PERCENT_MIN) return null;
  const usual = (100 * known.reduce((sum, { no }) => sum + no, 0)) / known.reduce((sum, one) => sum + answered(one), 0);
  return { kind: 'criterion', questionId: worst.questionId, missed: worst.failPercent ?? 0, usual };
}

/**
 * Bags by time: one per step of event time, for the newest `length` steps, of which none is later than now: what is dated ahead
 * waits beside them until its time comes. A late event lands in its own step; one that is older than the ring is counted in the
 * totals only. What is kept depends on the set of events, not on their order: a step that is within the newest ones in the end was
 * within them all the time. A ring that was written earlier may hold older steps; merging drops them.
 */
import { BOUNDS } from '@coachloop/contracts';
import { add, addInto, type Bag, EMPTY, sumOf } from './bag.ts';

/** Step number (time ÷ length of a step) → bag. */
export type Ring = Readonly<Record<string, Bag>>;

export interface RingSpec {
  readonly stepMs: number;
  readonly length: number;
}

export const MINUTES: RingSpec = { stepMs: 60_000, length: 120 };
export const HOURS: RingSpec = { stepMs: 3_600_000, length: 14 * 24 };
export const DAYS: RingSpec = { stepMs: 86_400_000, length: 14 };

/** What is dated further ahead is counted in the totals only. Intake takes a third of it; the rest is for clocks that differ. */
export const AHEAD_MS_MAX = 3 * BOUNDS.future_ms_max;

export const stepOf = ({ stepMs }: RingSpec, atMs: number): number => Math.floor(atMs / stepMs);

const newestOf = (ring: Ring): number => {
  let newest = Number.NEGATIVE_INFINITY;
  for (const step in ring) newest = Math.max(newest, Number(step));
  return newest;
};

function trimmed(ring: Ring, spec: RingSpec, now: number): Ring {
  const oldest = Math.min(newestOf(ring), stepOf(spec, now)) - spec.length + 1;
  const newest = stepOf(spec, now + AHEAD_MS_MAX);
  const kept = Object.entries(ring).filter(([step]) => Number(step) >= oldest && Number(step) <= newest);
  return kept.length === Object.keys(ring).length ? ring : Object.fromEntries(kept);
}

/**
 * A step whose bag came to nothing stays, empty: it has moved the ring on, and does so in any order. `now` may be infinite: then
 * the newest step moves the ring on, whatever its date.
 */
export function addAt(ring: Ring, spec: RingSpec, atMs: number, bag: Bag, now: number): Ring {
  const step = String(stepOf(spec, atMs));
  const known = ring[step];
  const added = { ...ring, [step]: add(known ?? EMPTY, bag) };
  return known === undefined ? trimmed(added, spec, now) : added;
}

export function mergeRings(rings: readonly Ring[], spec: RingSpec, now: number): Ring {
  const merged: Record<string, Record<string, number>> = {};
  for (const ring of rings)
    for (const [step, bag] of Object.entries(ring)) merged[step] = addInto(merged[step] ?? {}, bag);
  return trimmed(merged, spec, now);
}

/** Whether it reaches back to `step`: before the first step nothing was counted, and nothing can be compared. */
export const reaches = (ring: Ring, step: number): boolean => Object.keys(ring).some((known) => Number(known) <= step);

/** The sum of the steps from `from` to `to`, both included. */
export function between(ring: Ring, from: number, to: number): Bag {
  const inside = Object.entries(ring).filter(([step]) => Number(step) >= from && Number(step) <= to);
  return sumOf(inside.map(([, bag]) => bag));
}

export const total = (ring: Ring): Bag => between(ring, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

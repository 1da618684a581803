/**
 * The aggregate `live-shares`: what one partition of one topic has said, as sums. One document per topic and
 * partition, so that partitions never wait for one document; merged when read.
 */
import type { Decision, Message } from '@coachloop/contracts';
import { add, type Bag, EMPTY, sumOf, withinNames } from './bag.ts';
import { type Counted, countsOf } from './counts.ts';
import { addAt, DAYS, HOURS, MINUTES, mergeRings, type Ring } from './ring.ts';

export interface Share {
  /** Time of the newest event, ms; null: none yet. */
  readonly latestMs: number | null;
  /** Whatever is not of a time: stages, kinds of events seen, loop times. */
  readonly flow: Bag;
  /** What figures are made of. */
  readonly sums: Bag;
  readonly minutes: Ring;
  readonly hours: Ring;
  /** Per question, competency and queue. */
  readonly named: Bag;
  readonly days: Ring;
}

export const NO_SHARE: Share = {
  latestMs: null,
  flow: EMPTY,
  sums: EMPTY,
  minutes: {},
  hours: {},
  named: EMPTY,
  days: {},
};

export const shareIdOf = (topic: string, partition: number): string => `${topic}/${partition}`;

const laterOf = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

const counted =
  (now: number) =>
  (share: Share, { atMs, sums, named: given }: Counted): Share => {
    const named = given && withinNames(share.named, given);
    return {
      ...share,
      sums: add(share.sums, sums),
      minutes: addAt(share.minutes, MINUTES, atMs, sums, now),
      hours: addAt(share.hours, HOURS, atMs, sums, now),
      ...(named === undefined
        ? {}
        : { named: add(share.named, named), days: addAt(share.days, DAYS, atMs, named, now) }),
    };
  };

/** Of `now` depends only which steps are still kept. */
export function handleShare(state: Share, message: Message, now: number): Decision<Share> {
  const { flow, counted: parts } = countsOf(message);
  const moved = { ...state, latestMs: laterOf(state.latestMs, message.time), flow: add(state.flow, flow) };
  return { state: parts.reduce(counted(now), moved), events: [], wakeAt: null };
}

/** As it is shown at `now`. Associative and commutative; `NO_SHARE` changes nothing. */
export const mergeAll = (shares: readonly Share[], now: number): Share => ({
  latestMs: shares.map(({ latestMs }) => latestMs).reduce(laterOf, null),
  flow: sumOf(shares.map(({ flow }) => flow)),
  sums: sumOf(shares.map(({ sums }) => sums)),
  minutes: mergeRings(
    shares.map(({ minutes }) => minutes),
    MINUTES,
    now,
  ),
  hours: mergeRings(
    shares.map(({ hours }) => hours),
    HOURS,
    now,
  ),
  named: sumOf(shares.map(({ named }) => named)),
  days: mergeRings(
    shares.map(({ days }) => days),
    DAYS,
    now,
  ),
});

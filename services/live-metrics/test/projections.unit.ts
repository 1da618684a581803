import type { Message } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, type Bag, nameOf, negated, partsOf, sumOf, withinNames } from '../src/domain/bag.ts';
import { histogramsOf, loopTimeOf, observed } from '../src/domain/histogram.ts';
import { checkedPolicy, DEFAULT_POLICY } from '../src/domain/policy.ts';
import { AHEAD_MS_MAX, addAt, between, HOURS, MINUTES, mergeRings, type Ring, stepOf } from '../src/domain/ring.ts';
import { handleShare, mergeAll, NO_SHARE, type Share } from '../src/domain/share.ts';
import { snapshotOf } from '../src/domain/snapshot.ts';
import { completed, type Given, HOUR, MINUTE, T0 } from './given.ts';
import { eventsOf, history } from './oracle.ts';

const bag: fc.Arbitrary<Bag> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: -50, max: 50 }), { noNullPrototype: true })
  .map((given) => add({}, given));

test('bags: addition has an order that nobody sees, and what was added can be taken back', () => {
  fc.assert(
    fc.property(bag, bag, bag, (a, b, c) => {
      expect(add(a, b)).toEqual(add(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(add(add(a, b), negated(b))).toEqual(a);
    }),
  );
});

test('names: no choice of parts makes two names meet', () => {
  const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, (given) => {
      expect(partsOf(nameOf(...given))).toEqual(given);
    }),
  );
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(nameOf(...a) === nameOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('names from outside are bounded: what finds no room is counted under one name per kind, and no sum is lost', () => {
  const of = (queue: string): Bag => ({ [nameOf('queue', queue, 'calls')]: 1 });
  const queues = Array.from({ length: 50 }, (_, i) => of(`queue ${i % 25}`));
  const bags = queues.reduce<Bag>((known, more) => add(known, withinNames(known, more, 10)), {});
  expect(Object.keys(bags).length).toBe(11);
  expect(bags[nameOf('queue', 'queue 3', 'calls')]).toBe(2);
  expect(bags[nameOf('queue', '(other)', 'calls')]).toBe(30);
});

const DAY_MS = 86_400_000;
const moment = fc.oneof(
  fc.integer({ min: T0 - 30 * DAY_MS, max: T0 + DAY_MS }),
  fc.integer({ min: T0 - 3 * HOUR, max: T0 + 3 * HOUR }),
);
const moments = fc.array(fc.tuple(moment, bag), { maxLength: 30 });
/** The clock at each event: it only goes on, and stands at T0 in the end. */
const clock = fc.array(fc.integer({ min: 0, max: DAY_MS }), { minLength: 30, maxLength: 30 });

test('rings: the newest steps are kept, whatever the order and however the events are spread over shares', () => {
  fc.assert(
    fc.property(
      moments.chain((m) => fc.tuple(fc.constant(m), fc.shuffledSubarray(m, { minLength: m.length }))),
      clock.map((agoMs) => agoMs.toSorted((a, b) => b - a).map((ms) => T0 - ms)),
      fc.nat(),
      ([one, other], nows, cut) => {
        for (const spec of [MINUTES, HOURS]) {
          const ring = (list: typeof one): Ring =>
            list.reduce<Ring>((r, [at, b], i) => addAt(r, spec, at, b, nows[i] ?? T0), {});
          const shown = (...rings: Ring[]) => mergeRings(rings, spec, T0);
          const whole = shown(ring(one));
          expect(shown(ring(other))).toEqual(whole);
          const at = cut % (one.length + 1);
          expect(shown(ring(one.slice(0, at)), ring(one.slice(at)))).toEqual(whole);
          // Of what is shown now: nothing is missing, wherever the newest step is.
          const last = stepOf(spec, T0);
          const first = last - spec.length + 1;
          const recent = one.filter(([ms]) => stepOf(spec, ms) >= first && stepOf(spec, ms) <= last);
          expect(between(whole, first, last)).toEqual(sumOf(recent.map(([, b]) => b)));
          const ahead = Object.keys(whole).filter((step) => Number(step) > last);
          expect(Object.keys(whole).length - ahead.length).toBeLessThanOrEqual(spec.length);
        }
      },
    ),
  );
});

test('a ring keeps no step that is further ahead than any clock is wrong', () => {
  const far = addAt({}, MINUTES, T0 + AHEAD_MS_MAX + 60_000, { a: 1 }, T0);
  expect(far).toEqual({});
  expect(Object.keys(addAt(far, MINUTES, T0 + AHEAD_MS_MAX, { a: 1 }, T0))).toHaveLength(1);
});

describe('shares', () => {
  const messageOf = ({ type, time, data }: Given, i: number): Message => ({
    id: `m${i}`,
    kind: 'event',
    type,
    source: 'test',
    time,
    data,
    origin: null,
  });
  const messages = history.map((given) => eventsOf(given).flat().map(messageOf));
  const shareOf = (list: readonly Message[], now = T0, from = NO_SHARE): Share =>
    list.reduce((state, message) => handleShare(state, message, now).state, from);
  const merge = (a: Share, b: Share): Share => mergeAll([a, b], T0);

  test('merging is commutative and associative, and it does not matter what was counted where', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat({ max: 2 }), { minLength: 1 }), (list, owners) => {
        const part = (n: number) => shareOf(list.filter((_, i) => owners[i % owners.length] === n));
        const [a, b, c] = [part(0), part(1), part(2)];
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(mergeAll([c, a, b], T0)).toEqual(shareOf(list));
        expect(merge(NO_SHARE, a)).toEqual(a);
      }),
      { numRuns: 200 },
    );
  });

  test('a call that is dated ahead moves no window, and is counted when its time comes', () => {
    const call = (n: number, endedAt: number) => messageOf(completed({ n, endedAt }), n);
    const now = Array.from({ length: 50 }, (_, n) => call(n, T0 - n * MINUTE));
    const ahead = call(50, T0 + 3 * HOUR);
    const later = Array.from({ length: 30 }, (_, n) => call(100 + n, T0 + n * 5 * MINUTE));
    const shown = (shares: readonly Share[], at: number) => {
      const none = { value: null, n: 0 };
      const o = { now: at, generation: 1, policy: DEFAULT_POLICY, health: null };
      const snapshot = snapshotOf(mergeAll(shares, at), { ...o, firstContactResolution: { ...none, all: none } });
      const { figures, series } = snapshot;
      const inChart = series.minutes.calls.reduce<number>((sum, calls) => sum + (calls ?? 0), 0);
      return [figures.callsDone.hour?.value, inChart, figures.callsDone.all?.value];
    };
    const spread = [shareOf(now), shareOf([ahead])];
    for (const shares of [[shareOf([...now, ahead])], [shareOf([ahead, ...now])], spread])
      expect(shown(shares, T0)).toEqual([50, 50, 51]);
    const inTime = later.reduce((share, m) => shareOf([m], m.time, share), shareOf([ahead, ...now]));
    expect(shown([inTime], T0 + 3 * HOUR)).toEqual([6, 18, 81]);
  });

  test('are plain JSON, and no transition changes what it was given', () => {
    fc.assert(
      fc.property(messages, (list) => {
        list.reduce((state, message) => {
          const before = JSON.stringify(state);
          const { state: next } = handleShare(state, message, T0);
          expect(JSON.stringify(state)).toBe(before);
          expect(JSON.parse(JSON.stringify(next))).toEqual(next);
          return next;
        }, NO_SHARE);
      }),
      { numRuns: 100 },
    );
  });
});

test('percentiles are off by less than 10 %', () => {
  const durations = fc.array(fc.integer({ min: 200, max: 1_000_000_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(durations, (list) => {
      const sums = list.reduce<Bag>((all, ms) => add(all, observed('x', ms)), {});
      const { n, mean, p50, p90, p99 } = loopTimeOf(histogramsOf(sums).get('x'));
      const sorted = list.toSorted((a, b) => a - b);
      const true_ = (share: number) => (sorted[Math.ceil(share * list.length) - 1] ?? 0) / 1000;
      expect(n).toBe(list.length);
      expect(mean).toBeCloseTo(list.reduce((a, b) => a + b, 0) / list.length / 1000, 1);
      for (const [estimate, share] of [
        [p50, 0.5],
        [p90, 0.9],
        [p99, 0.99],
      ] as const)
        expect(Math.abs((estimate ?? 0) - true_(share))).toBeLessThan(0.1 * true_(share) + 0.01);
    }),
  );
});

test('a clock that was set back makes no negative time', () => {
  expect(loopTimeOf(histogramsOf(observed('x', -5_000)).get('x'))).toMatchObject({ n: 1, mean: 0 });
});

test('the service level can be asked for only where waits are told apart', () => {
  expect(checkedPolicy({ ...DEFAULT_POLICY, serviceLevelSeconds: 30 }).serviceLevelSeconds).toBe(30);
  expect(() => checkedPolicy({ ...DEFAULT_POLICY, serviceLevelSeconds: 25 })).toThrow(/25.*5, 10, 15, 20/);
});

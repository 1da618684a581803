/** What is to go wrong in an installation of many processes, and when: a pure function of the seed and the length. */
import { SERVICES, type ServiceName } from '@coachloop/contracts';
import { randomOf } from '@coachloop/simulator';
import {
  drawnFrom,
  endless,
  type Fault,
  type FaultKind,
  type KindAtPlace,
  type Only,
  PLACES,
  type ProcessName,
  placesOf,
  type Schedule,
  spots,
  type Target,
} from '../schedule.ts';
import { HOUR_MS } from '../site.ts';

/** A group that waits for one of its members stands still for a session, 30 s: more often, and little would be done between. */
export const FAULT_EVERY_MS = 7_000;
/** Of each seventeen faults: each kind once at least, so that the shortest drill with seventeen of them meets all. */
const DECK = [
  'crash',
  'crash',
  'kill-one',
  'freeze',
  'freeze-at',
  'service-down',
  'hours-later',
  'broker-killed',
  'store-killed',
  'store-slow',
  'instance-added',
  'instance-removed',
  'clock',
  'disk-full',
  'read-again',
  'defect',
  'newer-release',
] as const satisfies readonly FaultKind[];

/** How many of each there are at the beginning. */
export const INSTANCES: Readonly<Record<ProcessName, number>> = {
  console: 1,
  'call-ingest': 1,
  'qa-scoring': 2,
  'training-assignment': 2,
  evaluation: 1,
  notification: 1,
  'live-metrics': 1,
};
const INSTANCES_MAX = 3;
/** Few: whoever is armed has its share of the partitions alone, and while its group gathers nothing passes but requests. */
const PASSES_MAX = 3;
/** The session time-out of the Kafka adapter is 30 s. */
const FREEZE_MS = { min: 33_000, max: 45_000 } as const;
/** So long that the session of its members is over, and that what comes then is a batch of everything. */
const SERVICE_DOWN_MS = { min: 20_000, max: 40_000 } as const;
/** Beyond the terms of a drill's site, however short or long it was away. */
const LATER_HOURS = { min: 8, max: 14 } as const;
const SLOW_MS = { min: 8_000, max: 15_000 } as const;
const DOWN_MS = { min: 500, max: 8_000 } as const;
export const OFFSET_MS_MAX = 3_600_000;
const DEFECT_MS = { min: 8_000, max: 20_000 } as const;
const DEFECT_PERCENT = { min: 5, max: 40 } as const;
/** Whoever asks call-ingest gets an error for what fails, and asks again: nothing is parked there. */
const DEFECTIVE = SERVICES.filter((service) => service !== 'call-ingest');
const FREE_KIB = { min: 0, max: 512 } as const;

/** No place and no service comes again before each has had its turn. */
export function distributedSchedule(seed: number, minutes: number, only: Only | null = null): Schedule {
  const random = randomOf('distributed-drill', seed);
  const counts = new Map<ProcessName, number>(Object.entries(INSTANCES) as [ProcessName, number][]);
  const kinds = endless(drawnFrom(DECK, only), random);
  const at = (kind: KindAtPlace) => spots(only?.places[kind] ?? placesOf(kind, PLACES), PASSES_MAX, random);
  const [crashed, frozenAt, downAt, laterAt] = [at('crash'), at('freeze-at'), at('service-down'), at('hours-later')];
  const among = <T extends ProcessName>(all: readonly T[]) => {
    const named = all.filter((each) => only?.services.some((service) => service === each));
    return endless(named.length > 0 ? named : all, random);
  };
  const killed = among<ProcessName>(['console', ...SERVICES]);
  // Not the console: whoever is in no group proves nothing while it is frozen.
  const frozen = among(SERVICES);
  const scaled = among(SERVICES);
  const skewed = among(SERVICES);
  const setBack = among(SERVICES);
  const defective = among(DEFECTIVE);
  const extended = among(SERVICES);
  const of = <T extends ProcessName>(service: T): Target => ({
    service,
    instance: random.int(0, (counts.get(service) ?? 1) - 1),
  });
  const whole = (range: { readonly min: number; readonly max: number }) => random.int(range.min, range.max);
  const changed = (fits: (count: number) => boolean, by: 1 | -1): ServiceName | null => {
    for (const _ of SERVICES) {
      const service = scaled();
      const count = counts.get(service) ?? 1;
      if (!fits(count)) continue;
      counts.set(service, count + by);
      return service;
    }
    return null;
  };

  function next(kind: (typeof DECK)[number], atMs: number): Fault {
    switch (kind) {
      case 'crash':
        return { kind, atMs, ...crashed() };
      case 'kill-one':
        return { kind, atMs, ...of(killed()) };
      case 'freeze':
        return { kind, atMs, ms: whole(FREEZE_MS), ...of(frozen()) };
      case 'freeze-at':
        return { kind, atMs, ms: whole(FREEZE_MS), ...frozenAt() };
      case 'service-down':
        return { kind, atMs, downMs: whole(SERVICE_DOWN_MS), ...downAt() };
      case 'hours-later': {
        const byMs = whole(LATER_HOURS) * HOUR_MS;
        return { kind, atMs, byMs, downMs: whole(SERVICE_DOWN_MS), ...laterAt() };
      }
      case 'broker-killed':
      case 'store-killed':
        return { kind, atMs, downMs: whole(DOWN_MS) };
      case 'store-slow':
        return { kind, atMs, ms: whole(SLOW_MS) };
      case 'instance-added': {
        const service = changed((count) => count < INSTANCES_MAX, 1);
        return service === null ? { kind: 'kill-one', atMs, ...of(killed()) } : { kind, atMs, service };
      }
      case 'instance-removed': {
        const service = changed((count) => count > 1, -1);
        if (service === null) return { kind: 'kill-one', atMs, ...of(killed()) };
        return { kind, atMs, service, instance: counts.get(service) ?? 0 };
      }
      case 'clock':
        return { kind, atMs, offsetMs: random.int(-OFFSET_MS_MAX, OFFSET_MS_MAX), ...of(skewed()) };
      case 'read-again':
        return { kind, atMs, service: setBack() };
      case 'defect':
        return { kind, atMs, service: defective(), percent: whole(DEFECT_PERCENT), ms: whole(DEFECT_MS) };
      case 'newer-release':
        return { kind, atMs, service: extended() };
      case 'disk-full':
        return { kind, atMs, freeKiB: whole(FREE_KIB) };
    }
  }

  const count = Math.max(1, Math.floor((minutes * 60_000) / FAULT_EVERY_MS));
  return Array.from({ length: count }, (_, i) => next(kinds(), Math.round((i + random.next()) * FAULT_EVERY_MS)));
}

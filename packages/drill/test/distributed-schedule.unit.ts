import { SERVICES } from '@coachloop/contracts';
import { expect, test } from 'vitest';
import { distributedSchedule, FAULT_EVERY_MS, INSTANCES } from '../src/distributed/schedule.ts';
import { type Fault, PLACES, type Place } from '../src/schedule.ts';

const KINDS = [
  'crash',
  'kill-one',
  'freeze',
  'broker-killed',
  'store-killed',
  'instance-added',
  'instance-removed',
  'clock',
  'disk-full',
  'read-again',
  'store-slow',
  'freeze-at',
  'service-down',
  'defect',
  'newer-release',
  'hours-later',
];
const nameOf = ({ service, point }: Place): string => `${service}/${point}`;
const SEVENTEEN = (17 * FAULT_EVERY_MS) / 60_000;

test('the same seed gives the same schedule, and a longer one begins like a shorter one', () => {
  const short = distributedSchedule(7, 2);
  expect(distributedSchedule(7, 2)).toEqual(short);
  expect(distributedSchedule(7, 30).slice(0, short.length)).toEqual(short);
  expect(distributedSchedule(8, 2)).not.toEqual(short);
});

test.each([1, 2, 3, 4, 5])('seventeen faults have every kind among them, seed %i', (seed) => {
  expect(new Set(distributedSchedule(seed, SEVENTEEN).map(({ kind }) => kind))).toEqual(new Set(KINDS));
});

test('within half an hour every point of every service has its turn', () => {
  const crashed = distributedSchedule(1, 30).flatMap((fault) =>
    fault.kind === 'crash' ? [`${fault.service}/${fault.point}`] : [],
  );
  expect(new Set(crashed)).toEqual(new Set(PLACES.map(({ service, point }) => `${service}/${point}`)));
});

test.each([
  'freeze',
  'freeze-at',
  'service-down',
  'instance-added',
  'instance-removed',
  'clock',
  'read-again',
  'newer-release',
] as const)('within two hours every service has its turn: %s', (kind) => {
  const hit = distributedSchedule(1, 120).flatMap((fault) => (fault.kind === kind ? [fault.service] : []));
  expect(new Set(hit)).toEqual(new Set(SERVICES));
});

test('clocks of those with timers are moved by hours, at each of their points', () => {
  const moved = distributedSchedule(1, 120).filter((fault) => fault.kind === 'hours-later');
  const timed = PLACES.filter(({ service }) => service === 'training-assignment' || service === 'evaluation');
  expect(new Set(moved.map(nameOf))).toEqual(new Set(timed.map(nameOf)));
  for (const { byMs } of moved) expect(byMs).toBeGreaterThan(6 * 3_600_000);
});

test('whoever is hit is there, and of each service one remains', () => {
  const counts = new Map<string, number>(Object.entries(INSTANCES));
  const count = (service: string) => counts.get(service) ?? 0;
  const step = (fault: Fault) => {
    if (fault.kind === 'instance-added') counts.set(fault.service, count(fault.service) + 1);
    else if ('instance' in fault) expect(fault.instance).toBeLessThan(count(fault.service));
    if (fault.kind === 'instance-removed') counts.set(fault.service, count(fault.service) - 1);
    expect(Math.min(...counts.values())).toBe(1);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(3);
  };
  distributedSchedule(3, 120).forEach(step);
});

test('whoever is frozen is so for longer than the session of its group', () => {
  const frozen = distributedSchedule(5, 60).flatMap((fault) =>
    fault.kind === 'freeze' || fault.kind === 'freeze-at' ? [fault.ms] : [],
  );
  expect(frozen.length).toBeGreaterThan(20);
  expect(Math.min(...frozen)).toBeGreaterThan(30_000);
});

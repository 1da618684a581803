/** Rings → columns for charts, oldest first, one value per step, also for steps in which nothing was said. */
import type { HourSeries, MinuteSeries } from '@coachloop/contracts';
import { type Bag, EMPTY } from './bag.ts';
import { type Known, windowed } from './readings.ts';
import { type Ring, type RingSpec, stepOf } from './ring.ts';

/** The last `length` steps up to `now`. */
function stepsOf(ring: Ring, spec: RingSpec, now: number, length: number) {
  const first = stepOf(spec, now) - length + 1;
  const bags: readonly Bag[] = Array.from({ length }, (_, i) => ring[String(first + i)] ?? EMPTY);
  return { from: new Date(first * spec.stepMs).toISOString(), stepSeconds: spec.stepMs / 1000, bags };
}

export interface SeriesOptions {
  readonly now: number;
  readonly length: number;
  readonly known: Known;
  readonly serviceLevelSeconds: number;
}

export function hourSeries(ring: Ring, spec: RingSpec, o: SeriesOptions): HourSeries {
  const { from, stepSeconds, bags } = stepsOf(ring, spec, o.now, o.length);
  const readings = bags.map((bag) => windowed(bag, o.known, o.serviceLevelSeconds));
  return {
    from,
    stepSeconds,
    calls: readings.map((r) => r.callsDone.value),
    abandoned: readings.map((r) => r.callsAbandoned.value),
    evaluations: readings.map((r) => r.evaluations.value),
    meanScore: readings.map((r) => r.meanScore.value),
    serviceLevel: readings.map((r) => r.serviceLevel.value),
    handleTime: readings.map((r) => r.handleTime.value),
    satisfaction: readings.map((r) => r.satisfaction.value),
  };
}

export function minuteSeries(ring: Ring, spec: RingSpec, o: SeriesOptions): MinuteSeries {
  const { serviceLevel: _s, handleTime: _h, satisfaction: _f, ...columns } = hourSeries(ring, spec, o);
  return columns;
}

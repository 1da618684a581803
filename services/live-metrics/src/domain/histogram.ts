/**
 * Histograms of durations with fixed logarithmic buckets, kept in bags: they merge exactly, and a percentile is off by less
 * than 10 % (each bucket is 20 % wide; its geometric middle stands for it).
 */
import type { LoopTime } from '@coachloop/contracts';
import { type Bag, nameOf, partsOf } from './bag.ts';

const RATIO = 1.2;
const LOG_RATIO = Math.log(RATIO);
/** Below this everything is one bucket, ms. */
const FIRST_MS = 100;
/** Bucket of about four years; whatever is longer is counted there. */
const LAST = 113;

const bucketOf = (ms: number): number =>
  ms <= FIRST_MS ? 0 : Math.min(LAST, 1 + Math.floor(Math.log(ms / FIRST_MS) / LOG_RATIO));
const middleMsOf = (bucket: number): number =>
  bucket === 0 ? FIRST_MS / 2 : FIRST_MS * RATIO ** (bucket - 1) * Math.sqrt(RATIO);
/** Upper bound, ms. */
export const upperMsOf = (bucket: number): number => FIRST_MS * RATIO ** bucket;

/** A clock that was set back between two services must not make a time negative. */
export const observed = (name: string, ms: number): Bag => ({
  [nameOf('time', name, `b${bucketOf(Math.max(0, ms))}`)]: 1,
  [nameOf('time', name, 'n')]: 1,
  // Whole milliseconds; two measurements of 0 ms leave no sum, which reads as 0.
  ...(Math.round(ms) > 0 ? { [nameOf('time', name, 'ms')]: Math.round(ms) } : {}),
});

export interface Histogram {
  /** Bucket and count, ascending. */
  readonly buckets: readonly (readonly [number, number])[];
  readonly n: number;
  readonly sumMs: number;
}

export function histogramsOf(bag: Bag): ReadonlyMap<string, Histogram> {
  const found = new Map<string, { buckets: (readonly [number, number])[]; n: number; sumMs: number }>();
  for (const [name, count] of Object.entries(bag)) {
    if (!name.startsWith('time|')) continue;
    const [, which = '', part = ''] = partsOf(name);
    const histogram = found.get(which) ?? { buckets: [], n: 0, sumMs: 0 };
    found.set(which, histogram);
    if (part === 'n') histogram.n = count;
    else if (part === 'ms') histogram.sumMs = count;
    else histogram.buckets.push([Number(part.slice(1)), count]);
  }
  for (const { buckets } of found.values()) buckets.sort(([a], [b]) => a - b);
  return found;
}

const NOTHING: LoopTime = { n: 0, p50: null, p90: null, p99: null, mean: null };

/** In seconds. */
export function loopTimeOf(histogram: Histogram | undefined): LoopTime {
  if (!histogram || histogram.n <= 0) return NOTHING;
  const { n, sumMs } = histogram;
  const at = (share: number) => percentileOf(histogram, share);
  return { n, p50: at(0.5), p90: at(0.9), p99: at(0.99), mean: inSeconds(sumMs / n) };
}

/** The middle of the bucket in which the observation of this rank is. */
function percentileOf({ buckets, n }: Histogram, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * n));
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= rank) return inSeconds(middleMsOf(bucket));
  }
  return null;
}

const inSeconds = (ms: number): number => Math.round(ms / 10) / 100;

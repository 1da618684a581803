import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../src/heap.ts';
import { batch, calls, createCentre, DEFAULT_CONFIG } from '../src/index.ts';
import { randomOf } from '../src/random.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const rough = fc.record({ duplicateShare: share, reorderShare: share, delayShare: share });

describe('delivery', () => {
  it('brings every event of every call, unchanged, whatever is doubled, overtaken or late', () => {
    fc.assert(
      fc.property(fc.nat(10_000), rough, (seed, shares) => {
        const config = { ...DEFAULT_CONFIG, delivery: { ...DEFAULT_CONFIG.delivery, ...shares } };
        const options = { seed, agents: 4, config };
        const happened = new Map<string, string>();
        for (const { events } of calls(createCentre(options), 25))
          for (const { event } of events) happened.set(event.id, JSON.stringify(event));
        const arrived = new Map<string, string>();
        for (const { event, deliverMs } of batch({ ...options, calls: 25 })) {
          const text = JSON.stringify(event);
          expect(arrived.get(event.id) ?? text).toBe(text);
          expect(deliverMs).toBeGreaterThanOrEqual(Date.parse(event.time ?? ''));
          arrived.set(event.id, text);
        }
        expect(arrived.size).toBe(happened.size);
        for (const [id, text] of happened) expect(arrived.get(id)).toBe(text);
      }),
      { numRuns: 25 },
    );
  });

  it('doubles and reorders at the rates set', () => {
    let [events, swaps, repeats, last] = [0, 0, 0, 0];
    const seen = new Set<string>();
    for (const { event } of batch({ seed: 2, agents: 50, calls: 3000 })) {
      events++;
      if (seen.has(event.id)) repeats++;
      seen.add(event.id);
      const at = Date.parse(event.time ?? '');
      if (at < last) swaps++;
      last = at;
    }
    expect(repeats / events).toBeGreaterThan(0.015);
    expect(repeats / events).toBeLessThan(0.025);
    expect(swaps / events).toBeGreaterThan(0.03);
  });

  it('is plain and in order of time when all rates are 0', () => {
    const none = { duplicateShare: 0, reorderShare: 0, delayShare: 0, latencySeconds: { min: 0, max: 0 } };
    const late = { transcriptSeconds: { min: 0, max: 0 } };
    const config = { ...DEFAULT_CONFIG, delivery: { ...DEFAULT_CONFIG.delivery, ...none, ...late } };
    const times = [...batch({ seed: 2, agents: 5, calls: 50, config })].map(({ event }) =>
      Date.parse(event.time ?? ''),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('the heap', () => {
  it('gives back in order what is pushed, after any removals', () => {
    const item = fc.record({ n: fc.integer(), keep: fc.boolean() });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 60 }), (items) => {
        const heap = new Heap<(typeof items)[number]>((a, b) => a.n - b.n);
        for (const one of items) heap.push(one);
        for (const one of items) if (!one.keep) heap.remove(one);
        heap.remove({ n: 0, keep: true });
        const out: number[] = [];
        for (let next = heap.pop(); next; next = heap.pop()) out.push(next.n);
        expect(out).toEqual(
          items
            .filter(({ keep }) => keep)
            .map(({ n }) => n)
            .sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe('chance', () => {
  it('is even, and named streams do not follow each other', () => {
    const buckets = new Array<number>(16).fill(0);
    for (let stream = 0; stream < 400; stream++) {
      const random = randomOf('even', stream);
      for (let i = 0; i < 40; i++) {
        const bucket = random.int(0, 15);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
    }
    // 16,000 draws, 1,000 a bucket: chi-square with 15 degrees of freedom stays below 37.7 in 999 of 1,000 cases.
    expect(buckets.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(37.7);
  });
});

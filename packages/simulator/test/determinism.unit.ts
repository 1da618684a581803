import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batch, calls, createCentre } from '../src/index.ts';

const hashOf = (things: Iterable<unknown>): string => {
  const hash = createHash('sha256');
  for (const thing of things) hash.update(JSON.stringify(thing)).update('\n');
  return hash.digest('hex').slice(0, 32);
};

describe('the same seed', () => {
  it('gives the bytes it has always given; who changes phrases, defaults or draws on purpose pins them anew', () => {
    expect(hashOf(batch({ seed: 1, agents: 10, calls: 300 }))).toBe('edfff893627b1429bb7fad651de4945c');
    expect(hashOf(batch({ seed: 77, agents: 3, calls: 120, startMs: Date.UTC(2026, 4, 4, 9) }))).toBe(
      'e4696201bffc743a6566a3ac2f7eaece',
    );
  });

  it('gives the same twice, and another seed another', () => {
    const seed = fc.nat(1_000_000);
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 20 }), (n, agents) => {
        const once = hashOf(batch({ seed: n, agents, calls: 15 }));
        expect(hashOf(batch({ seed: n, agents, calls: 15 }))).toBe(once);
        expect(hashOf(batch({ seed: n + 1, agents, calls: 15 }))).not.toBe(once);
      }),
      { numRuns: 20 },
    );
  });

  it('starts on a day that follows from the seed, or on the day asked for', () => {
    expect(createCentre({ seed: 5, agents: 1 }).startMs).toBe(createCentre({ seed: 5, agents: 9 }).startMs);
    const startMs = Date.UTC(2026, 0, 1);
    const first = createCentre({ seed: 5, agents: 1, startMs }).nextCall();
    expect(first.truth.startMs).toBeGreaterThanOrEqual(startMs);
    expect(first.truth.startMs).toBeLessThan(startMs + 3_600_000);
  });

  it('gives the other agents the same calls when one of them is trained', () => {
    const plain = createCentre({ seed: 9, agents: 6 });
    const trained = createCentre({ seed: 9, agents: 6 });
    for (const competency of ['call-control', 'problem-solving'] as const) trained.train('A001', competency, 1);
    const ofOthers = (centre: typeof plain) =>
      [...calls(centre, 120)].filter((call) => !call.truth.callId.includes('A001')).slice(0, 80);
    expect(hashOf(ofOthers(trained))).toBe(hashOf(ofOthers(plain)));
  });
});

describe('a batch', () => {
  it('holds exactly the calls asked for, each told to onCall, in the order of delivery', () => {
    for (const count of [0, 1, 40, 333]) {
      const told = new Set<string>();
      const seen = new Set<string>();
      let last = 0;
      for (const due of batch({ seed: 3, agents: 7, calls: count, onCall: (truth) => told.add(truth.callId) })) {
        expect(due.deliverMs).toBeGreaterThanOrEqual(last);
        last = due.deliverMs;
        if (due.event.subject !== undefined) seen.add(due.event.subject);
      }
      expect(told.size).toBe(count);
      expect(seen).toEqual(told);
    }
  });

  it('refuses what it cannot do, naming the argument', () => {
    const bad = (options: object, pointer: string) =>
      expect(() => batch({ seed: 1, agents: 1, calls: 1, ...options })).toThrow(
        expect.objectContaining({ code: 'SIM_ARGUMENT_INVALID', pointer }),
      );
    bad({ seed: -1 }, '/seed');
    bad({ seed: 1.5 }, '/seed');
    bad({ agents: 0 }, '/agents');
    bad({ calls: -1 }, '/calls');
    bad({ startMs: Number.NaN }, '/startMs');
  });
});

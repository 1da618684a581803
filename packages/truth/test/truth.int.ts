/** A small centre through the real services. The thresholds are far below the usual figures (docs/truth.md), and far above those of a broken policy. */
import { fileURLToPath } from 'node:url';
import { DEFAULT_CONFIG, DEFAULT_PHRASES } from '@coachloop/simulator';
import { readPolicy } from '@coachloop/training-assignment';
import { describe, expect, it } from 'vitest';
import { measure, type Played, play, ratioOf } from '../src/index.ts';

const OPTIONS = { seed: 5, agents: 60, callsPerAgent: 20, config: DEFAULT_CONFIG, phrases: DEFAULT_PHRASES };
const FIRST_POLICY = fileURLToPath(import.meta.resolve('@coachloop/training-assignment')).replace(
  'src/index.ts',
  'policies/default.v1.yaml',
);
const at20 = (played: Played) => {
  const { at, byCompetency } = measure([played], [20]);
  const [marks] = at;
  if (!marks) throw new Error('nothing was measured');
  const { precision, recall, strongSent } = marks;
  return { precision: ratioOf(precision), recall: ratioOf(recall), strongSent: ratioOf(strongSent), byCompetency };
};

describe('after 20 calls of 60 agents', { timeout: 120_000 }, () => {
  const played = play({ ...OPTIONS, answers: 'scoring' });

  it('most cases are about a true weakness, most weaknesses have a case, and few strong agents are sent', () => {
    const { precision, recall, strongSent } = at20(played);
    expect(precision).toBeGreaterThanOrEqual(0.75);
    expect(recall).toBeGreaterThanOrEqual(0.7);
    expect(strongSent).toBeLessThan(0.1);
  });

  it('no competency is one that nobody hears', () => {
    for (const { competency, found } of at20(played).byCompetency)
      if (found.of >= 2) expect(found.yes, competency).toBeGreaterThan(0);
  });

  it('perfect scoring finds more, and the first policy, which counted, accused far more', () => {
    const small = { ...OPTIONS, agents: 40 };
    const oracle = at20(play({ ...small, answers: 'oracle' }));
    expect(oracle.recall).toBeGreaterThanOrEqual(0.8);
    expect(oracle.precision).toBeGreaterThanOrEqual(0.7);
    const counted = at20(play({ ...small, answers: 'oracle', triggers: readPolicy(FIRST_POLICY) }));
    expect(counted.precision).toBeLessThan(0.6);
  });
});

describe('a play', { timeout: 60_000 }, () => {
  const tiny = { ...OPTIONS, agents: 8, callsPerAgent: 12, answers: 'scoring' } as const;

  it('depends on its seed alone', () => {
    const text = (seed: number) =>
      JSON.stringify(play({ ...tiny, seed }), (_, value) => (value instanceof Map ? [...value] : value));
    expect(text(3)).toBe(text(3));
    expect(text(3)).not.toBe(text(4));
  });

  it('scores agents as centres do: neither all alike nor all near 100', () => {
    const { agentMeans, scores } = measure([play({ ...tiny, agents: 20 })], [10]);
    const mean = agentMeans.reduce((sum, each) => sum + each, 0) / agentMeans.length;
    expect(mean).toBeGreaterThan(80);
    expect(mean).toBeLessThan(93);
    expect((scores[9] ?? 0) - (scores[1] ?? 0)).toBeGreaterThan(15);
  });
});

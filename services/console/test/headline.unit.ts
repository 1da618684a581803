import { FIGURES, type FigureId, type Snapshot } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { headlineOf } from '../web/wall/headline.ts';

type Given = {
  readonly figures?: Partial<Record<FigureId, Partial<Snapshot['figures'][FigureId]>>>;
  readonly weakest?: Snapshot['criteria']['weakest'];
  readonly stalledMs?: number;
  readonly away?: boolean;
  readonly latestEventAt?: string | null;
  readonly targets?: Snapshot['targets'];
};

/** A snapshot in which nothing is known but what is given. */
function snapshot(given: Given): Snapshot {
  const { figures = {}, weakest = [], stalledMs, away = false, latestEventAt = '2026-01-01T10:00:00Z' } = given;
  const { targets = { serviceLevelPercent: 80, abandonedPercentMax: 5 } } = given;
  const unknown = Object.entries(FIGURES).map(([id, { unit, window }]) => [
    id,
    { value: null, n: 0, unit, window, formula: id, ...figures[id as FigureId] },
  ]);
  const stalled = stalledMs === undefined ? [] : [{ service: 'qa-scoring', ms: stalledMs, reason: null, away }];
  // Only what the headline reads; the rest of a snapshot does not matter to it.
  return {
    latestEventAt,
    targets,
    figures: Object.fromEntries(unknown) as Snapshot['figures'],
    criteria: { window: 'week', weakest },
    health: { lag: [], deadLettersOpen: 0, stalled },
  } as unknown as Snapshot;
}

const criterion = (questionId: string, no: number, yes: number) => ({
  ...{ questionId, competency: 'c', critical: false, yes, no, na: 0 },
  failPercent: (100 * no) / (yes + no),
});

describe('the first sentence of the wall', () => {
  it('waits for the first calls', () => {
    expect(headlineOf(snapshot({ latestEventAt: null }), [])).toEqual({ kind: 'waiting' });
  });

  it('says before anything else that log or store do not answer: the rest is of before', () => {
    const outages = ['event-log'] as const;
    expect(headlineOf(snapshot({ stalledMs: 6_000 }), outages)).toEqual({ kind: 'outage', outages });
    expect(headlineOf(snapshot({ latestEventAt: null }), outages)).toEqual({ kind: 'outage', outages });
  });

  it('says that a service is stalled before anything else, but not for a hiccup', () => {
    const figures = { serviceLevel: { value: 30, n: 100 } };
    expect(headlineOf(snapshot({ figures, stalledMs: 6_000 }), [])).toEqual({ kind: 'stalled', service: 'qa-scoring' });
    expect(headlineOf(snapshot({ figures, stalledMs: 6_000, away: true }), []).kind).toBe('away');
    expect(headlineOf(snapshot({ figures, stalledMs: 400 }), []).kind).toBe('service-level');
  });

  it('compares the service level of the last hour with the target', () => {
    const figures = { serviceLevel: { value: 91, n: 900, hour: { value: 62, n: 40 } } };
    expect(headlineOf(snapshot({ figures }), [])).toEqual({
      kind: 'service-level',
      now: 62,
      target: 80,
      over: 'hour',
    });
  });

  it('goes by the targets of the site, which come with the figures', () => {
    const figures = { serviceLevel: { value: 85, n: 900 }, abandonedRate: { value: 4, n: 900 } };
    expect(headlineOf(snapshot({ figures }), []).kind).toBe('calm');
    const targets = (serviceLevelPercent: number, abandonedPercentMax: number) =>
      headlineOf(snapshot({ figures, targets: { serviceLevelPercent, abandonedPercentMax } }), []);
    expect(targets(90, 5)).toMatchObject({ kind: 'service-level', target: 90 });
    expect(targets(80, 3)).toMatchObject({ kind: 'abandoned', bound: 3 });
  });

  it('takes the day where the hour has too few calls', () => {
    const figures = { serviceLevel: { value: 91, n: 900, hour: { value: 0, n: 2 } }, meanScore: { value: 88, n: 900 } };
    expect(headlineOf(snapshot({ figures }), [])).toEqual({ kind: 'calm', score: 88 });
  });

  it('tells of callers who hang up, then of falling scores', () => {
    const abandonedRate = { value: 9, n: 50 };
    const meanScore = { value: 85, n: 900, hour: { value: 78, n: 60 } };
    expect(headlineOf(snapshot({ figures: { abandonedRate, meanScore } }), []).kind).toBe('abandoned');
    expect(headlineOf(snapshot({ figures: { meanScore } }), [])).toEqual({ kind: 'score-fell', now: 78, before: 85 });
  });

  it('names the criterion that is missed most, against the usual', () => {
    const weakest = [criterion('empathy', 40, 60), criterion('closing', 10, 90)];
    expect(headlineOf(snapshot({ weakest }), [])).toEqual({
      ...{ kind: 'criterion', questionId: 'empathy', missed: 40, usual: 25 },
    });
  });

  it('is calm while a criterion rests on few answers, and does not take unknown for zero', () => {
    expect(headlineOf(snapshot({ weakest: [criterion('empathy', 9, 1), criterion('closing', 1, 50)] }), [])).toEqual({
      ...{ kind: 'calm', score: null },
    });
  });
});

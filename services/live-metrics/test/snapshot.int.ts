import { faultOf, Snapshot } from '@coachloop/contracts';
import { EXAMPLES } from '@coachloop/contracts/examples';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer, completed, type Given, MINUTE, moved, scored, step, T0, uuid } from './given.ts';
import { startPlatform } from './platform.ts';

let t: Awaited<ReturnType<typeof startPlatform>>;
beforeEach(async () => {
  t = await startPlatform();
});
afterEach(() => t.stop());

const snapshot = async (): Promise<Snapshot> => (await t.get('/metrics/v1/snapshot')).body;

test('of nothing everything is unknown, and nothing is 0', async () => {
  const body = await snapshot();
  expect(faultOf(Snapshot, body)).toBeNull();
  for (const [id, figure] of Object.entries(body.figures)) expect(figure, id).toMatchObject({ value: null, n: 0 });
  for (const { stage, count } of [...body.callStages, ...body.caseStages]) expect(count, stage).toBeNull();
  expect(body.latestEventAt).toBeNull();
});

test('calls, scores and cases come into the figures', async () => {
  await t.publish(
    step('call.queued', 1, 'none', 'queued'),
    step('call.answered', 2, 'none', 'talking'),
    completed({
      n: 3,
      stage: { from: 'none', to: 'done' },
      more: { waitSeconds: 12, talkSeconds: 200, queue: 'sales' },
    }),
    completed({
      n: 4,
      stage: { from: 'none', to: 'done' },
      more: { waitSeconds: 40, talkSeconds: 100, holdSeconds: 20 },
    }),
    completed({ n: 5, stage: { from: 'none', to: 'abandoned' }, more: { abandoned: true, waitSeconds: 61 } }),
    scored({ n: 3, score: 90, more: { answers: [answer('greeting', 'yes'), answer('hold', 'na')] } }),
    scored({ n: 4, score: 45, more: { answers: [answer('greeting', 'no')] } }),
    moved(1, null, 'opened'),
    moved(1, 'opened', 'assigned', T0 + MINUTE, T0),
  );
  await vi.waitFor(async () => {
    const { figures, callStages, scores, queues, loop } = await snapshot();
    expect(figures.serviceLevel).toMatchObject({ value: 33.33, n: 3, unit: 'percent' });
    expect(figures.abandonedRate).toMatchObject({ value: 33.33, n: 3 });
    expect(figures.handleTime).toMatchObject({ value: 160, n: 2, hour: { value: 160, n: 2 }, before: { value: null } });
    expect(figures.meanScore).toMatchObject({ value: 67.5, n: 2 });
    expect(figures.callsInProgress).toMatchObject({ value: 2 });
    expect(callStages).toMatchObject([
      { stage: 'queued', count: 1 },
      { stage: 'ringing', count: null },
      { stage: 'talking', count: 1 },
      { stage: 'held', count: null },
      { stage: 'wrapup', count: 0 },
      { stage: 'abandoned' },
      { stage: 'done', count: 2 },
    ]);
    expect(scores.day).toMatchObject({ bins: [0, 0, 0, 0, 1, 0, 0, 0, 0, 1], n: 2, mean: 67.5 });
    expect(queues).toMatchObject([
      { queue: '', calls: 1 },
      { queue: 'sales', calls: 1, serviceLevel: 100 },
    ]);
    expect(loop.callToScore).toMatchObject({ n: 2, mean: 2 });
  });
  expect(faultOf(Snapshot, await snapshot())).toBeNull();
});

test('a case that was held is closed and mastered, and not improved', async () => {
  const said = (topic: 'training-events' | 'evaluation-events', type: string, n: number, outcome: string): Given => {
    const data = { ...(EXAMPLES[topic][type] as object), caseId: uuid(n), outcome };
    return { type, key: uuid(9_001), time: T0, data };
  };
  const ended = (n: number, outcome: string) => said('training-events', 'training.case.closed', n, outcome);
  const judged = (n: number, outcome: string) => said('evaluation-events', 'evaluation.completed', n, outcome);
  await t.publish(
    ...[ended(1, 'held'), ended(2, 'improved'), ended(3, 'escalated'), ended(4, 'withdrawn')],
    ...[judged(1, 'held'), judged(2, 'closed'), judged(3, 'escalated'), judged(4, 'repeated')],
  );
  await vi.waitFor(async () => {
    const { figures, outcomes } = await snapshot();
    expect(outcomes).toMatchObject({ improved: 1, held: 1, escalated: 1, withdrawn: 1, repeated: 1 });
    expect(figures.improvedRate).toMatchObject({ value: 33.33, n: 3 });
    expect(figures.trainingMastery).toMatchObject({ value: 50, n: 4 });
  });
});

/** Agents, criteria, series and Prometheus over HTTP. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer, completed, DAY, moved, scored, T0, uuid } from './given.ts';
import { startPlatform } from './platform.ts';

let t: Awaited<ReturnType<typeof startPlatform>>;
beforeEach(async () => {
  t = await startPlatform({
    health: () => ({
      lag: [{ group: 'qa-scoring', topic: 'call-events', partition: 3, records: 7 }],
      deadLettersOpen: 2,
      stalled: [],
    }),
  });
});
afterEach(() => t.stop());

const answers = (greeting: 'yes' | 'no') => ({ answers: [answer('greeting', greeting)] });

test('agents are sorted by score and by open cases, page by page, each with the weakest criteria', async () => {
  const five = [0, 1, 2, 3, 4];
  await t.publish(
    ...five.flatMap((n) => [
      scored({ n, agent: 1, score: 50 + n, more: answers('no') }),
      scored({ n: 10 + n, agent: 2, score: 90, more: { ...answers('yes'), agentName: 'Bea' } }),
    ]),
    scored({ n: 30, agent: 3, score: null }),
    scored({ n: 31, agent: 2, score: 10, endedAt: T0 - 40 * DAY }),
    moved(1, null, 'opened'),
    moved(1, 'opened', 'assigned'),
    moved(2, null, 'opened'),
    moved(2, 'opened', 'closed'),
  );
  await vi.waitFor(async () => {
    const { body } = await t.get('/metrics/v1/agents?sort=open-cases');
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toMatchObject({ agentId: uuid(9_001), openCases: 1, evaluations: 5, meanScore: 52 });
    expect(body.items.find((row: { agentId: string }) => row.agentId === uuid(9_002))).toMatchObject({
      evaluations: 5,
      all: { evaluations: 6, meanScore: 76.67 },
    });
  });
  const first = (await t.get('/metrics/v1/agents?limit=1')).body;
  expect(first.items).toMatchObject([
    { agentId: uuid(9_001), passRate: 0, weakest: [{ questionId: 'greeting', no: 5, failPercent: 100 }] },
  ]);
  const second = (await t.get(`/metrics/v1/agents?limit=1&cursor=${first.next}`)).body;
  // 40 days ago is counted, and is not recent.
  expect(second.items).toMatchObject([{ agentId: uuid(9_002), agentName: 'Bea', meanScore: 90, weakest: [] }]);
  expect((await t.get('/metrics/v1/agents?sort=highest-score')).body.items[0]).toMatchObject({ meanScore: 90 });
  expect((await t.get('/metrics/v1/agents?limit=0')).status).toBe(400);
  expect((await t.get('/metrics/v1/agents?cursor=nonsense')).status).toBe(400);
});

test('an evaluation that moved to another agent is counted there, and no longer here', async () => {
  const replaced = { ...(scored({ n: 1, score: 40, agent: 1 }).data as object), revision: 1, ...answers('no') };
  await t.publish(
    scored({ n: 1, score: 40, agent: 1, more: answers('no') }),
    scored({ n: 2, score: 80, agent: 1 }),
    scored({ n: 1, score: 60, agent: 2, more: { ...answers('yes'), revision: 2, replaces: replaced as never } }),
  );
  await vi.waitFor(async () => {
    expect((await t.get(`/metrics/v1/agents/${uuid(9_001)}`)).body).toMatchObject({ meanScore: 80, criteria: [] });
    expect((await t.get(`/metrics/v1/agents/${uuid(9_002)}`)).body).toMatchObject({
      meanScore: 60,
      criteria: [{ questionId: 'greeting', yes: 1, no: 0 }],
      competencies: [{ competency: 'service-attitude', mean: 60, n: 1 }],
    });
    const { body } = await t.get('/metrics/v1/snapshot');
    expect(body.figures.meanScore).toMatchObject({ value: 70, n: 2 });
  });
  expect((await t.get(`/metrics/v1/agents/${uuid(1)}`)).status).toBe(404);
});

test('criteria of the last week and of all time; the series has an hour for every hour', async () => {
  await t.publish(
    scored({ n: 1, score: 40, more: answers('no') }),
    scored({ n: 2, score: 80, endedAt: T0 - 10 * DAY, more: answers('yes') }),
  );
  await vi.waitFor(async () => {
    const week = (await t.get('/metrics/v1/criteria')).body;
    expect(week).toMatchObject({
      window: 'week',
      items: [{ questionId: 'greeting', yes: 0, no: 1, failPercent: 100 }],
    });
    const all = (await t.get('/metrics/v1/criteria?window=all')).body;
    expect(all.items).toMatchObject([{ yes: 1, no: 1, failPercent: 50 }]);
    const { hours } = (await t.get('/metrics/v1/series')).body;
    expect(hours.evaluations).toHaveLength(336);
    expect([hours.meanScore.at(-1), hours.meanScore.at(-1 - 240), hours.meanScore.at(-2)]).toEqual([40, 80, null]);
  });
});

test('one contact settles a matter unless the customer is back within seven days', async () => {
  const contact = (n: number, customer: string, daysAgo: number, abandoned = false) =>
    completed({ n, endedAt: T0 - daysAgo * DAY, more: { customerHash: customer, abandoned } });
  await t.publish(
    contact(1, 'one', 3),
    contact(2, 'two', 8),
    contact(3, 'two', 2),
    contact(4, 'three', 13),
    contact(5, 'three', 1),
    contact(6, 'four', 1, true),
    contact(7, 'five', 60),
    contact(8, 'x'.repeat(200), 1),
  );
  await vi.waitFor(async () => {
    const { body } = await t.get('/metrics/v1/snapshot');
    expect(body.figures.firstContactResolution).toMatchObject({ value: 75, n: 4, all: { value: 80, n: 5 } });
  });
});

test('Prometheus gets what is known, in its own words', async () => {
  await t.publish(completed({ n: 1, more: { talkSeconds: 60 } }), scored({ n: 1, score: 90, scoredAt: T0 + 1_500 }));
  await vi.waitFor(async () => {
    const reply = await t.platform.app.inject({ method: 'GET', url: '/metrics' });
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = reply.body.split('\n');
    expect(lines).toContain('coachloop_events_total{type="qa.evaluation.completed"} 1');
    expect(lines).toContain('coachloop_mean_score 90');
    expect(lines).toContain('coachloop_score_points_bucket{le="89.99"} 0');
    expect(lines).toContain('coachloop_score_points_bucket{le="100"} 1');
    expect(lines).toContain('coachloop_loop_seconds_count{step="callToScore"} 1');
    expect(lines).toContain('coachloop_loop_seconds_sum{step="callToScore"} 1.5');
    expect(lines).toContain('coachloop_lag_records{group="qa-scoring",topic="call-events",partition="3"} 7');
    expect(lines).toContain('coachloop_dead_letters_open 2');
    // Unknown is absent, not 0.
    expect(reply.body).not.toMatch(/^coachloop_satisfaction/m);
    for (const line of lines)
      expect(line).toMatch(/^$|^# (HELP|TYPE) \w+ .+$|^\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+]+$/);
  });
});

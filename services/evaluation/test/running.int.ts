/** The service on the real kernel and the real HTTP server, with adapters in memory and a clock that the test moves. */
import { type CloudEvent, type Message, toHeaders } from '@coachloop/contracts';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { RunningService } from '@coachloop/runtime';
import { TestClock } from '@coachloop/runtime/testing';
import { createLogger, createServer } from '@coachloop/service-kit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { evaluation } from '../src/index.ts';
import { AGENT, C, CASE, DAY, HOUR, POLICY, scored, T0, trained, uuid } from './given.ts';

async function start() {
  const clock = new TestClock(T0);
  const log = createMemoryLog({ clock });
  const { definition, routes } = evaluation({ policy: POLICY });
  const running = await RunningService.start(definition, { log, store: createMemoryStore(), clock, timersEveryMs: 1 });
  const app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0' });
  await routes?.(app, running);
  await app.ready();
  let seq = 0;
  const publish = async (topic: string, { type, data, time }: Message) => {
    seq += 1;
    const event: CloudEvent = {
      id: `e${seq}`,
      source: 'test',
      type,
      time,
      key: AGENT,
      stream: `s${seq}`,
      seq,
      born: T0,
      data,
    };
    await log.append([
      { topic, key: AGENT, headers: toHeaders(event), value: new TextEncoder().encode(JSON.stringify(data)) },
    ]);
  };
  return {
    clock,
    app,
    running,
    scored: async (...messages: Message[]) => {
      for (const m of messages) await publish('qa-events', m);
    },
    trained: (m: Message) => publish('training-events', m),
    get: async (url: string) => {
      const reply = await app.inject({ method: 'GET', url });
      return { status: reply.statusCode, body: reply.json() };
    },
  };
}

let t: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  t = await start();
});
afterEach(async () => {
  await t.app.close();
  await t.running.stop();
});

const DONE = T0 + DAY;
const before = [30, 50, 40, 30].map((score, n) => scored({ n, startedAt: T0 + n * HOUR, score }));
const after = [90, 100, 95].map((score, n) => scored({ n: 100 + n, startedAt: DONE + (n + 1) * HOUR, score }));
const review = async () => (await t.get(`/evaluation/v1/reviews/${AGENT}`)).body;
/** Different topics have no order between them: wait until the calls are known. */
async function givenTraining(): Promise<void> {
  await t.scored(...before);
  await vi.waitFor(async () => expect((await review()).calls).toHaveLength(4));
  await t.trained(trained(DONE));
  await vi.waitFor(async () =>
    expect((await review()).open).toMatchObject([{ seen: 0, before: { n: 4, mean: 37.5 } }]),
  );
}

test('a training that helped: review, window and effect say so', async () => {
  await givenTraining();
  await t.scored(...after);
  await vi.waitFor(async () =>
    expect((await review()).decided).toMatchObject([{ outcome: 'closed', difference: 57.5 }]),
  );
  await vi.waitFor(async () => {
    const windows = await t.get(`/evaluation/v1/windows?caseId=${CASE}`);
    expect(windows.body.items).toMatchObject([
      { attempt: 1, decided: true, opened: { calls: 3 }, result: { outcome: 'closed' } },
    ]);
    const effects = await t.get('/evaluation/v1/effects');
    expect(effects.body.items).toMatchObject([
      { competency: C, outcomes: { closed: 1, repeated: 0 }, meanDifference: 57.5, interval80: null },
    ]);
  });
});

test('too few calls: the timer decides when the clock passes the deadline', async () => {
  await givenTraining();
  t.clock.time = DONE + 14 * DAY + HOUR;
  await vi.waitFor(async () => expect((await review()).decided).toMatchObject([{ outcome: 'insufficient-evidence' }]));
  expect((await review()).open).toEqual([]);
});

test('what is not there is not found, what does not fit is refused', async () => {
  expect((await t.get('/evaluation/v1/reviews/nobody')).status).toBe(404);
  expect((await t.get('/evaluation/v1/windows')).status).toBe(400);
  expect((await t.get('/evaluation/v1/windows?caseId=x')).status).toBe(400);
  expect((await t.get(`/evaluation/v1/windows?caseId=${uuid(5)}`)).body).toEqual({ items: [] });
  expect((await t.get('/evaluation/v1/effects')).body).toEqual({ items: [] });
  expect((await t.get('/evaluation/v1/policy')).body).toMatchObject({ calls: 3, passMark: 75, repeats: 2 });
});

test('calls of nobody are not kept', async () => {
  const [first] = before;
  if (first) await t.scored({ ...first, data: { ...(first.data as object), agentId: 'unassigned' } });
  await t.scored(...before);
  await vi.waitFor(async () => expect((await review()).calls).toHaveLength(4));
  expect((await t.get('/evaluation/v1/reviews/unassigned')).status).toBe(404);
});

/** The service on the real kernel and the real HTTP server, with adapters in memory and a clock that the test moves. */
import { type CloudEvent, toHeaders } from '@coachloop/contracts';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { RunningService } from '@coachloop/runtime';
import { TestClock } from '@coachloop/runtime/testing';
import { createLogger, createServer } from '@coachloop/service-kit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trainingAssignment } from '../src/index.ts';
import { AGENT, type CallSpec, checkContract, DAY, evaluation, HOUR, iso, QUICK, T0, uuid } from './given.ts';

async function start() {
  const clock = new TestClock(T0 + HOUR);
  const log = createMemoryLog({ clock });
  const { definition, routes } = trainingAssignment({ policy: QUICK });
  const running = await RunningService.start(definition, { log, store: createMemoryStore(), clock, timersEveryMs: 1 });
  const app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0' });
  await routes?.(app, running);
  await app.ready();
  let seq = 0;
  return {
    clock,
    log,
    app,
    running,
    /** Appends an event of another service, as its kernel would. */
    async publish(topic: string, type: string, data: object, stream = `s${seq}`) {
      seq += 1;
      const event: CloudEvent = {
        id: `e${seq}`,
        source: 'test',
        type,
        time: clock.time,
        key: AGENT,
        stream,
        seq,
        born: T0,
        data,
      };
      const value = new TextEncoder().encode(JSON.stringify(data));
      await log.append([{ topic, key: AGENT, headers: toHeaders(event), value }]);
    },
    async said(): Promise<CloudEvent[]> {
      const events: CloudEvent[] = [];
      for await (const batch of running.events({ topics: ['training-events'], from: 'start' }))
        for (const { event } of batch) events.push(event);
      checkContract(events);
      return events;
    },
    get: async (url: string) => {
      const reply = await app.inject({ method: 'GET', url });
      return { status: reply.statusCode, body: reply.json() };
    },
    post: async (url: string, payload: unknown, headers: Record<string, string> = {}) => {
      const all = { 'content-type': 'application/json', ...headers };
      const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const reply = await app.inject({ method: 'POST', url, headers: all, payload: text });
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

const fail = (n: number, more: Partial<CallSpec> = {}) =>
  t.publish(
    'qa-events',
    'qa.evaluation.completed',
    evaluation({ n, endedAt: T0 + n * 1_000, answers: { a: 'no!', b: 'yes' }, ...more }),
  );
const cases = async (query = '') => (await t.get(`/training/v1/cases${query}`)).body.items;
async function openCase(): Promise<{ caseId: string; assignmentId: string; courseId: string }> {
  await fail(1);
  await vi.waitFor(async () => expect(await cases('?stage=assigned')).toHaveLength(1));
  const [{ caseId }] = await cases();
  const { body } = await t.get(`/training/v1/cases/${caseId}`);
  const [{ assignmentId, course }] = body.assignments;
  return { caseId, assignmentId, courseId: course.id };
}
const done = (courseId: string, more: object = {}) => ({
  courseId,
  completedAt: iso(T0 + HOUR),
  passed: true,
  sourceId: 'lms-1',
  ...more,
});

describe('from a bad call', () => {
  test('to a case, its course, its completion, its proof and its end', async () => {
    const { caseId, assignmentId, courseId } = await openCase();
    const begun = await t.post(`/training/v1/assignments/${assignmentId}/starts`, {
      startedAt: iso(T0 + HOUR),
      sourceId: 's',
    });
    expect(begun).toMatchObject({ status: 200, body: { effect: 'accepted', stage: 'in-training' } });
    const completed = await t.post(`/training/v1/assignments/${assignmentId}/completions`, done(courseId));
    expect(completed).toMatchObject({ status: 200, body: { effect: 'accepted', stage: 'trained', caseId } });
    const sample = { n: 0, mean: null, sd: null, calls: [] };
    const about = {
      caseId,
      assignmentId,
      attempt: 1,
      agentId: AGENT,
      competency: 'service-attitude',
      form: { id: 'f', version: 1 },
    };
    const window = { ...about, calls: 3, after: iso(T0), deadlineAt: iso(T0 + DAY), before: sample };
    await t.publish('evaluation-events', 'evaluation.window.opened', window);
    const verdict = {
      outcome: 'closed',
      before: sample,
      after: sample,
      difference: 30,
      interval80: { low: 10, high: 50 },
    };
    const numbers = { ...about, ...verdict, passMark: 75, decidedAt: iso(T0 + HOUR) };
    await t.publish('evaluation-events', 'evaluation.completed', numbers);
    await vi.waitFor(async () => expect(await cases('?stage=closed&open=false')).toHaveLength(1));
    const { body } = await t.get(`/training/v1/cases/${caseId}`);
    expect(body).toMatchObject({
      outcome: 'improved',
      open: false,
      reEvaluations: [{ difference: 30, interval80: { low: 10 } }],
    });
    expect(body.history.map((h: { to: string }) => h.to)).toEqual([
      'opened',
      'assigned',
      'in-training',
      'trained',
      're-evaluating',
      'closed',
    ]);
    await vi.waitFor(async () => {
      const learner = await t.get(`/training/v1/learners/${AGENT}`);
      expect(learner.body.windows[0]).toMatchObject({ openCase: null, closedAt: iso(T0 + HOUR) });
    });
    expect((await t.said()).map((e) => e.type)).toContain('training.case.closed');
  });

  test('to the team leader when nothing is reported: timers fire as the clock passes them', async () => {
    const { caseId } = await openCase();
    t.clock.time += 7 * DAY + HOUR;
    const types = async () =>
      (await t.said()).map((e) => e.type).filter((type) => /overdue|reminded|escalated/.test(type));
    await vi.waitFor(async () => expect(await types()).toEqual(['training.overdue']));
    for (const days of [2, 2, 2, 14]) {
      const before = (await t.said()).length;
      t.clock.time += days * DAY + HOUR;
      await vi.waitFor(async () => expect((await t.said()).length).toBeGreaterThan(before));
    }
    expect(await types()).toEqual(['training.overdue', 'training.reminded', 'training.reminded', 'training.escalated']);
    expect((await t.get(`/training/v1/cases/${caseId}`)).body).toMatchObject({
      stage: 'escalated',
      outcome: 'escalated',
    });
  });
});

describe('reports over HTTP', () => {
  test('the same source id is a duplicate, with or without a key; with other content it is refused', async () => {
    const { assignmentId, courseId } = await openCase();
    const url = `/training/v1/assignments/${assignmentId}/completions`;
    expect((await t.post(url, done(courseId))).body.effect).toBe('accepted');
    expect((await t.post(url, done(courseId))).body).toMatchObject({ effect: 'duplicate', stage: 'trained' });
    expect((await t.post(url, done(courseId), { 'idempotency-key': 'k' })).body.effect).toBe('duplicate');
    const other = await t.post(url, done(courseId, { score: 12 }));
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED', pointer: '/sourceId' } });
    expect((await t.said()).filter((e) => e.type === 'training.completed')).toHaveLength(1);
  });

  test.each([
    [{ courseId: 'other' }, 422, 'TRAINING_COURSE_DIFFERS', '/courseId'],
    [{ completedAt: iso(T0 - DAY) }, 422, 'TRAINING_COMPLETED_TOO_EARLY', '/completedAt'],
    [{ completedAt: 'yesterday' }, 400, 'REQUEST_INVALID', '/completedAt'],
    [{ sourceId: undefined }, 400, 'REQUEST_INVALID', '/sourceId'],
    [{ assignmentId: 'other' }, 422, 'TRAINING_ASSIGNMENT_UNKNOWN', '/assignmentId'],
  ])('%j is a %i that names the field', async (wrong, status, code, pointer) => {
    const { assignmentId, courseId } = await openCase();
    const answer = await t.post(`/training/v1/assignments/${assignmentId}/completions`, done(courseId, wrong));
    expect(answer).toMatchObject({ status, body: { code, pointer } });
  });

  test.each([`${uuid(1)}.1`, 'nonsense', '%00'])('the assignment %s is not found', async (id) => {
    expect((await t.post(`/training/v1/assignments/${id}/completions`, done('c'))).status).toBe(404);
    expect((await t.get(`/training/v1/assignments/${id}`)).status).toBe(404);
  });
});

describe('reports as CloudEvents', () => {
  const event = (id: string, data: object, type = 'training.completion.reported') => ({
    specversion: '1.0',
    id,
    source: 'lms',
    type,
    data,
  });
  const batch = (...events: object[]) =>
    t.post('/training/v1/events', events, { 'content-type': 'application/cloudevents-batch+json' });

  test('a batch keeps its good ones and names each bad one', async () => {
    const { assignmentId, courseId } = await openCase();
    const good = event('1', done(courseId, { assignmentId }));
    const sent = [
      good,
      { ...good, id: '2' },
      event('3', done(courseId)),
      event('4', done(courseId, { assignmentId: `${uuid(9)}.1` })),
      event('5', { assignmentId }),
      event('6', {}, 'training.reminded'),
    ];
    const answer = await batch(...sent);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 1 } });
    expect(
      answer.body.rejected.map((r: { index: number; code: string; pointer: string }) => [r.index, r.code, r.pointer]),
    ).toEqual([
      [2, 'TRAINING_ASSIGNMENT_UNKNOWN', '/data/assignmentId'],
      [3, 'TRAINING_ASSIGNMENT_UNKNOWN', '/data/assignmentId'],
      [4, 'EVENT_DATA_INVALID', '/data/courseId'],
      [5, 'EVENT_TYPE_UNKNOWN', '/type'],
    ]);
    expect(await batch(...sent)).toMatchObject({ status: 202, body: { accepted: 0, duplicate: 2 } });
  });

  test('nothing good is a problem', async () => {
    expect(await t.post('/training/v1/events', '{', { 'content-type': 'application/cloudevents+json' })).toMatchObject({
      status: 400,
      body: { code: 'EVENT_BODY_NOT_JSON' },
    });
    expect((await batch(event('1', done('c', { assignmentId: `${uuid(9)}.1` })))).status).toBe(404);
  });

  test('over the bus: a report on nothing becomes a dead letter, the next one is handled', async () => {
    const { assignmentId, courseId } = await openCase();
    await t.publish('training-intake', 'training.completion.reported', done(courseId));
    await t.publish('training-intake', 'training.completion.reported', done(courseId, { assignmentId: 'nonsense' }));
    await t.publish('training-intake', 'training.completion.reported', done(courseId, { assignmentId }));
    await vi.waitFor(async () => expect(await cases('?stage=trained')).toHaveLength(1));
    await vi.waitFor(() => expect(t.running.status.parked).toBe(2));
    expect(await cases()).toHaveLength(1);
  });
});

describe('queries', () => {
  test('cases are filtered, newest first, in pages', async () => {
    const competencies = ['service-attitude', 'call-control', 'needs-analysis'];
    for (const [n, competency] of competencies.entries()) await fail(n + 1, { competency });
    await vi.waitFor(async () => expect(await cases()).toHaveLength(3));
    expect((await cases()).map((c: { competency: string }) => c.competency)).toEqual(competencies.toReversed());
    const first = (await t.get(`/training/v1/cases?agentId=${AGENT}&open=true&limit=2`)).body;
    expect(first.items).toHaveLength(2);
    const second = (
      await t.get(`/training/v1/cases?agentId=${AGENT}&open=true&limit=2&cursor=${encodeURIComponent(first.next)}`)
    ).body;
    expect(second.items).toHaveLength(1);
    expect(second.next).toBeUndefined();
    expect(await cases('?competency=call-control&stage=assigned')).toHaveLength(1);
    expect(await cases('?open=false')).toEqual([]);
    const byMoved = await cases('?order=moved');
    const moments = byMoved.map((each: { movedAt: string }) => each.movedAt);
    expect(moments).toEqual(moments.toSorted().toReversed());
    expect(byMoved).toHaveLength((await cases()).length);
    expect(await cases('?order=moved&agentId=nobody')).toEqual([]);
    expect((await t.get('/training/v1/cases?limit=0')).status).toBe(400);
    expect((await t.get('/training/v1/cases?stage=lost')).status).toBe(400);
    expect((await t.get('/training/v1/cases?cursor=x')).status).toBe(400);
    expect((await t.get(`/training/v1/cases/${uuid(3)}`)).status).toBe(404);
  });

  test('why triggers fired, the policy and the catalogue', async () => {
    await openCase();
    const { body } = await t.get(`/training/v1/triggers?agentId=${AGENT}`);
    expect(body.items[0].decisions).toContainEqual(
      expect.objectContaining({ rule: 'critical-failure', fired: true, observed: 1 }),
    );
    expect((await t.get('/training/v1/triggers?agentId=nobody')).status).toBe(404);
    expect((await t.get('/training/v1/policy')).body).toMatchObject({
      version: 1,
      coolDownDays: 28,
      rules: { 'low-moving-score': { below: 60 } },
    });
    expect((await t.get('/training/v1/catalogue')).body.competencies).toHaveLength(7);
  });
});

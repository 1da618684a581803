import { callIdOf } from '@coachloop/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { words } from './given.ts';
import { good, type Ingest, startIngest } from './harness.ts';

let ingest: Ingest;
beforeEach(async () => {
  ingest = await startIngest();
});
afterEach(() => ingest.stop());

const CALL = `/ingest/v1/calls/${callIdOf('pbx-1', 'c-1')}`;

describe('POST /ingest/v1/events', () => {
  it('takes one structured event, and knows it again', async () => {
    expect(await ingest.event(good())).toMatchObject({
      status: 202,
      body: { accepted: 1, duplicate: 0, rejected: [] },
    });
    expect(await ingest.event(good())).toMatchObject({
      status: 202,
      body: { accepted: 0, duplicate: 1, rejected: [] },
    });
    expect((await ingest.get(CALL)).body).toMatchObject({
      stage: 'done',
      revision: 0,
      endedAt: '2026-05-04T11:00:00.000Z',
    });
  });

  it('takes a binary event', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-source': 'pbx-1',
      'ce-type': 'call.ended',
      'ce-time': '2026-05-04T11:00:00Z',
      'content-type': 'application/json',
    };
    const answer = await ingest.post('/ingest/v1/events', JSON.stringify({ callId: 'c-1' }), headers);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect((await ingest.event(good())).body.duplicate).toBe(1);
  });

  it('keeps the good events of a batch and says of each bad one why', async () => {
    const answer = await ingest.batch([
      good(),
      good({ id: 'e-2', type: 'call.exploded' }),
      good({ id: 'e-3', type: 'transcript.completed' }),
      'no event',
      good({ id: 'e-4', type: 'transcript.completed' }, words('Hello.')),
    ]);
    expect(answer.status).toBe(202);
    expect(answer.body.accepted).toBe(2);
    expect(answer.body.rejected.map(({ reason: _reason, ...rest }: { reason: string }) => rest)).toEqual([
      { index: 1, id: 'e-2', code: 'EVENT_TYPE_UNKNOWN', pointer: '/type' },
      { index: 2, id: 'e-3', code: 'EVENT_DATA_INVALID', pointer: '/data/transcript' },
      { index: 3, code: 'EVENT_NOT_OBJECT', pointer: '' },
    ]);
    const types = (await ingest.published()).map(({ type }) => type);
    expect(types).toEqual(['call.ended', 'transcript.completed', 'call.completed']);
  });

  it('answers a batch of nothing but bad events with a problem', async () => {
    const answer = await ingest.batch([good({ type: 'x' }), good({ id: '' })]);
    expect(answer).toMatchObject({ status: 400, body: { code: 'INGEST_NOTHING_ACCEPTED', pointer: '/0/type' } });
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body.rejected).toHaveLength(2);
  });

  it('is documented with its content modes', () => {
    const document = ingest.app.swagger() as { paths: Record<string, { post: { requestBody: { content: object } } }> };
    expect(Object.keys(document.paths['/ingest/v1/events']?.post.requestBody.content ?? {})).toContain(
      'application/cloudevents-batch+json',
    );
    expect(Object.keys(document.paths['/ingest/v1/vcons']?.post.requestBody.content ?? {})).toContain(
      'application/x-ndjson',
    );
  });

  it('takes an empty batch', async () => {
    expect(await ingest.batch([])).toMatchObject({ status: 202, body: { accepted: 0, duplicate: 0, rejected: [] } });
  });

  it('refuses an id that is used again with another content', async () => {
    await ingest.event(good());
    const again = good({}, { endedBy: 'agent' });
    expect(await ingest.event(again)).toMatchObject({ status: 409, body: { code: 'EVENT_ID_REUSED', pointer: '/id' } });
    expect((await ingest.batch([again, good({ id: 'e-2' })])).body).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, id: 'e-1', code: 'EVENT_ID_REUSED' }],
    });
  });

  it("passes the domain's refusal on, and nothing of that event is kept", async () => {
    const answer = await ingest.event(good({}, { at: '2031-01-01T00:00:00Z' }));
    expect(answer).toMatchObject({ status: 422, body: { code: 'EVENT_TIME_FUTURE', pointer: '/data/at' } });
    expect((await ingest.get(CALL)).status).toBe(404);
    expect(await ingest.event(good())).toMatchObject({ status: 202, body: { accepted: 1 } });
  });

  it('stores and publishes no customer in clear', async () => {
    await ingest.event(good({ type: 'call.abandoned' }, { customerId: '+44 20 7946 0000' }));
    const [document] = await ingest.store.load('calls', [callIdOf('pbx-1', 'c-1')]);
    expect(JSON.stringify([document, await ingest.published()])).not.toContain('7946');
    expect((await ingest.get(CALL)).body.customerHash).toMatch(/^[0-9a-f]{32}$/);
  });

  it('publishes changes of an agent, but not what is older or the same', async () => {
    const state = (id: string, minute: number, word: string) =>
      good({
        id,
        type: 'agent.state.changed',
        time: `2026-05-04T11:0${minute}:00Z`,
        data: { agentId: 'a-1', state: word },
      });
    await ingest.batch([
      state('1', 1, 'available'),
      state('2', 3, 'talking'),
      state('3', 2, 'break'),
      state('4', 4, 'talking'),
    ]);
    const changes = (await ingest.published()).map(({ data }) => data as { from: string | null; to: string });
    expect(changes.map(({ from, to }) => [from, to])).toEqual([
      [null, 'available'],
      ['available', 'talking'],
    ]);
  });

  it('completes a call by its timer when the transcript does not come', async () => {
    await ingest.event(good());
    ingest.clock.time += 10 * 60_000;
    await vi.waitFor(async () => {
      const last = (await ingest.published()).at(-1);
      expect(last).toMatchObject({ type: 'call.completed', data: { missing: ['transcript'], revision: 1 } });
    });
  });

  it('says when to come back while too much is waiting', async () => {
    const busy = await startIngest({}, () => 7);
    const answer = await busy.event(good());
    expect(answer).toMatchObject({ status: 429, body: { code: 'RUNTIME_OVERLOADED' } });
    expect(answer.headers['retry-after']).toBe('7');
    await busy.stop();
    const stopped = await busy.event(good()).catch(() => null);
    expect(stopped === null || stopped.status === 503).toBe(true);
  });

  it('says when to come back while the store is away', async () => {
    await ingest.running.stop();
    const answer = await ingest.event(good());
    expect(answer).toMatchObject({ status: 503, body: { code: 'RUNTIME_STOPPED' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('refuses a body over the bound with its size', async () => {
    const large = await startIngest({ bounds: { eventsBodyBytes: 1_000, vconsBodyBytes: 1_000, items: 2 } });
    for (const answer of [
      await large.event(good({}, { agentName: 'x'.repeat(1_000) })),
      await large.vcon({ x: 'x'.repeat(1_000) }),
    ])
      expect(answer).toMatchObject({ status: 413, body: { code: 'EVENT_BODY_TOO_LARGE' } });
    expect(await large.vcon([1, 2, 3])).toMatchObject({ status: 413, body: { code: 'INGEST_TOO_MANY_ITEMS' } });
    await large.stop();
  });
});

describe('GET /ingest/v1/calls', () => {
  it('lists by agent, stage and start, page by page, the latest first', async () => {
    const ids = ['1', '2', '3', '4', '5'];
    await ingest.batch(
      ids.map((n) =>
        good(
          { id: n, type: n === '5' ? 'call.queued' : 'call.ended', time: `2026-05-04T0${n}:00:00Z` },
          { callId: `c-${n}`, agentId: 'a-1' },
        ),
      ),
    );
    const list = async (query: string) => {
      const { body } = await ingest.get(`/ingest/v1/calls?${query}`);
      return { ids: body.items.map(({ sourceCallId }: { sourceCallId: string }) => sourceCallId), next: body.next };
    };
    expect((await list('')).ids).toEqual(['c-5', 'c-4', 'c-3', 'c-2', 'c-1']);
    expect((await list('stage=queued')).ids).toEqual(['c-5']);
    expect((await list('from=2026-05-04T02:00:00Z&to=2026-05-04T04:00:00Z')).ids).toEqual(['c-3', 'c-2']);
    const agentId = (await ingest.get(`/ingest/v1/calls/${callIdOf('pbx-1', 'c-1')}`)).body.agentId;
    const first = await list(`agentId=${agentId}&stage=done&limit=3`);
    expect(first.ids).toEqual(['c-4', 'c-3', 'c-2']);
    expect((await list(`agentId=${agentId}&stage=done&limit=3&cursor=${encodeURIComponent(first.next)}`)).ids).toEqual([
      'c-1',
    ]);
  });

  it("finds a call by its platform's own id, whatever else there is", async () => {
    const source = 'https://pbx.example/centre-1?a=b c';
    await ingest.batch([good({ source }, { callId: 'c 1' }), good({ id: 'e-2' }, { callId: 'c 1' })]);
    const find = async (query: Record<string, string>) =>
      (await ingest.get(`/ingest/v1/calls?${new URLSearchParams(query)}`)).body;
    expect(await find({ source, sourceCallId: 'c 1' })).toEqual({
      items: [expect.objectContaining({ callId: callIdOf(source, 'c 1'), sourceCallId: 'c 1', source })],
    });
    expect(await find({ source, sourceCallId: 'c 2' })).toEqual({ items: [] });
    for (const more of [{}, { sourceCallId: 'c 1', agentId: 'a-1' }])
      expect(await find({ source, ...more })).toMatchObject({ code: 'CALL_QUERY_INVALID' });
    expect(await find({ sourceCallId: 'c 1' })).toMatchObject({
      code: 'CALL_QUERY_INVALID',
      detail: expect.stringContaining('no `source`'),
    });
  });

  it.each(['limit=0', 'limit=1000', 'stage=flying', 'from=yesterday', 'cursor=%7Bnonsense'])(
    'refuses %s',
    async (query) => {
      const answer = await ingest.get(`/ingest/v1/calls?${query}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.code).toMatch(/^[A-Z_]+$/);
    },
  );
});

/** Webhooks from subscription to delivery, against real receivers that fail in every way. */
import { documentIdOf } from '@coachloop/contracts';
import { type EventLog, LogError } from '@coachloop/event-log';
import type { RunningService } from '@coachloop/runtime';
import { systemClock } from '@coachloop/service-kit';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebhookView } from '../src/api/webhook-view.ts';
import { WEBHOOK_BOUNDS } from '../src/domain/webhook.ts';
import {
  type Adapters,
  memoryAdapters,
  publish,
  type Running,
  started,
  startPlatform,
  startReceiver,
} from './given.ts';

let adapters: Adapters;
let running: Running;
const open: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  adapters = await memoryAdapters();
  running = await startPlatform(adapters);
});
afterEach(async () => {
  await running.platform.stop();
  await adapters.close();
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

const receiver: typeof startReceiver = async (answer) => {
  const started = await startReceiver(answer);
  open.push(started);
  return started;
};
let keys = 0;
const keyed = (key = `key-${++keys}`) => ({ 'idempotency-key': key });
const HOOKS = '/notification/v1/webhooks';
type Created = WebhookView & { secret?: string };
async function subscribe(url: string, more: object = {}, key?: string): Promise<Created> {
  const body = { url, types: ['training.*'], from: 'start', ...more };
  const answer = await running.send('POST', HOOKS, body, keyed(key));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}
const look = async (id: string): Promise<WebhookView> => (await running.get(`${HOOKS}/${id}`)).body;

describe('delivery', () => {
  test('a subscriber that starts late gets the whole history, in order per key, and then what follows', async () => {
    const history = started(200);
    await publish(adapters.log, history);
    const to = await receiver();
    const { id, secret } = await subscribe(to.url);
    await vi.waitFor(() => expect(to.received).toHaveLength(200));
    const later = started(50);
    await publish(adapters.log, later);
    await vi.waitFor(() => expect(to.received).toHaveLength(250));
    const sent = [...history, ...later].map(({ event }) => event);
    expect(new Set(to.ids())).toEqual(new Set(sent.map((event) => event.id)));
    for (const key of new Set(sent.map((event) => event.key))) {
      const arrived = to.received.map(({ body }) => JSON.parse(body)).filter((event) => event.partitionkey === key);
      expect(arrived.map((event) => event.id)).toEqual(
        sent.filter((event) => event.key === key).map((event) => event.id),
      );
    }
    const [first] = to.received;
    if (!first || secret === undefined) throw new Error('nothing came');
    expect(new Verifier(secret).verify(first.body, first.headers as Record<string, string>)).toMatchObject({
      specversion: '1.0',
      id: first.headers['webhook-id'],
    });
    expect(first.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    await vi.waitFor(async () =>
      expect((await look(id)).delivery).toMatchObject({ delivered: 250, lag: 0, failingSince: null }),
    );
  });

  test('from now on: nothing of before, everything from the answer on', async () => {
    await publish(adapters.log, started(20));
    const to = await receiver();
    await subscribe(to.url, { from: 'now' });
    const later = started(20);
    await publish(adapters.log, later);
    await vi.waitFor(() => expect(to.ids()).toHaveLength(20));
    expect(new Set(to.ids())).toEqual(new Set(later.map(({ event }) => event.id)));
  });

  test('only the types that were asked for, and a repeated record once', async () => {
    const to = await receiver();
    const [one, other] = started(2);
    if (!one || !other) throw new Error('two were asked for');
    await publish(adapters.log, [one, one, other, one]);
    await subscribe(to.url, { types: ['training.started'] });
    await vi.waitFor(() => expect(to.ids()).toHaveLength(2));
    const quiet = await receiver();
    const { id } = await subscribe(quiet.url, { types: ['training.assigned'] });
    await vi.waitFor(async () => expect((await look(id)).delivery.lag).toBe(0));
    expect(quiet.received).toHaveLength(0);
    expect(to.received).toHaveLength(2);
  });

  test.each([
    ['answers 500', (reply: import('node:http').ServerResponse) => reply.writeHead(500).end()],
    [
      'redirects',
      (reply: import('node:http').ServerResponse) => reply.writeHead(302, { location: '/elsewhere' }).end(),
    ],
    ['hangs up', (reply: import('node:http').ServerResponse) => reply.destroy()],
    ['says nothing', () => undefined, 1_500],
  ])('a receiver that %s gets the same event again, before any later one of its key', async (_, fail, timeoutMs?) => {
    if (timeoutMs !== undefined) {
      await running.platform.stop();
      running = await startPlatform(adapters, { delivery: { timeoutMs } });
    }
    let failures = 2;
    const to = await receiver((_received, reply) => (failures-- > 0 ? fail(reply) : reply.writeHead(200).end('ok')));
    const events = started(5).map((said) => ({ ...said, event: { ...said.event, key: 'one' } }));
    await publish(adapters.log, events);
    await subscribe(to.url);
    await vi.waitFor(() => expect(to.ids()).toHaveLength(5));
    const ids = events.map(({ event }) => event.id);
    const deliveries = to.received.map(({ headers }) => headers['webhook-id']);
    // Where little time is given, a busy machine may let a good answer come too late.
    if (timeoutMs === undefined) expect(deliveries).toEqual([ids[0], ids[0], ...ids]);
    else expect([deliveries.slice(0, 3), to.ids()]).toEqual([[ids[0], ids[0], ids[0]], ids]);
  });

  test('Retry-After is honoured', async () => {
    const times: number[] = [];
    const to = await receiver((_, reply) => {
      times.push(performance.now());
      if (times.length === 1) reply.writeHead(503, { 'retry-after': '1' }).end();
      else reply.writeHead(200).end();
    });
    await publish(adapters.log, started(1));
    await subscribe(to.url);
    await vi.waitFor(() => expect(times).toHaveLength(2));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  test('at most eight requests at once', async () => {
    let now = 0;
    let most = 0;
    const to = await receiver((_, reply) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now -= 1;
        reply.writeHead(200).end();
      }, 20);
    });
    await publish(adapters.log, started(120));
    await subscribe(to.url);
    await vi.waitFor(() => expect(to.received).toHaveLength(120));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  test('a receiver that hangs does not hold up another one at the same address', async () => {
    await running.platform.stop();
    running = await startPlatform(adapters, { delivery: { timeoutMs: 60_000 } });
    const to = await receiver(({ path }, reply) => (path === '/slow' ? undefined : reply.writeHead(200).end()));
    await publish(adapters.log, started(120));
    await subscribe(new URL('/slow', to.url).href);
    await vi.waitFor(() => expect(to.received).toHaveLength(8)); // as many as it may have
    await subscribe(new URL('/quick', to.url).href);
    await vi.waitFor(() => expect(to.received.filter(({ path }) => path === '/quick')).toHaveLength(120));
  });

  test('a webhook whose group may not be joined says so, and holds up no other one', async () => {
    let isDenied = true;
    const denied = documentIdOf('webhook', 'denied');
    const consume: EventLog['consume'] = async (options, handle) => {
      if (isDenied && options.group === `webhook.${denied}`)
        throw new LogError('LOG_ACCESS_DENIED', `${options.group} may not be read`);
      return adapters.log.consume(options, handle);
    };
    const get = (target: EventLog, name: string | symbol) => {
      const value: unknown = name === 'consume' ? consume : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    };
    await running.platform.stop();
    running = await startPlatform({ ...adapters, log: new Proxy(adapters.log, { get }) });
    await publish(adapters.log, started(5));
    const [refused, fine] = [await receiver(), await receiver()];
    await subscribe(refused.url, {}, 'denied'); // the older one, and so the first to be started
    const { id } = await subscribe(fine.url);
    await vi.waitFor(() => expect(fine.received).toHaveLength(5));
    await vi.waitFor(async () => {
      expect((await look(id)).delivery).toMatchObject({ delivered: 5, failing: [] });
      expect((await look(denied)).delivery).toMatchObject({
        failingSince: expect.any(String),
        failing: [{ partition: '*', status: null, error: expect.stringContaining('LOG_ACCESS_DENIED') }],
      });
    });
    isDenied = false;
    await vi.waitFor(() => expect(refused.received).toHaveLength(5));
    await vi.waitFor(async () => expect((await look(denied)).delivery).toMatchObject({ failing: [], delivered: 5 }));
  });
});

describe('giving up', () => {
  const administrators = async () =>
    (await running.get('/notification/v1/inboxes/role:administrator')).body as {
      items: { template: string; texts: { body: string }[] }[];
    };

  test('410 disables it at once and tells the administrator; resumed, it goes on where it was', async () => {
    let gone = true;
    const to = await receiver((_, reply) => reply.writeHead(gone ? 410 : 200).end());
    const events = started(3);
    await publish(adapters.log, events);
    const { id } = await subscribe(to.url, { description: 'Workforce' });
    await vi.waitFor(async () =>
      expect(await look(id)).toMatchObject({ status: 'disabled', disabled: { reason: 'gone' } }),
    );
    await vi.waitFor(async () => expect((await administrators()).items).toHaveLength(1));
    const [item] = (await administrators()).items;
    expect(item?.template).toBe('webhook-disabled');
    expect(item?.texts[0]?.body).toContain('(Workforce): the receiver answered 410 Gone');
    gone = false;
    const seen = to.received.length;
    expect((await running.send('PATCH', `${HOOKS}/${id}`, { status: 'active' })).body).toMatchObject({
      status: 'active',
      disabled: null,
    });
    await vi.waitFor(() =>
      expect(new Set(to.received.slice(seen).map(({ headers }) => headers['webhook-id'])).size).toBe(3),
    );
  });

  test('too long without success disables it; a change of address starts the time anew', async () => {
    await running.platform.stop();
    running = await startPlatform(adapters, { delivery: { disableAfterMs: 300 } });
    const to = await receiver((_, reply) => reply.writeHead(500).end());
    await publish(adapters.log, started(1));
    const { id } = await subscribe(to.url);
    await vi.waitFor(async () =>
      expect((await look(id)).delivery.failing).toMatchObject([{ status: 500, error: 'it answered 500' }]),
    );
    await vi.waitFor(async () =>
      expect(await look(id)).toMatchObject({ status: 'disabled', disabled: { reason: 'failing' } }),
    );
    await vi.waitFor(async () => expect((await administrators()).items).toHaveLength(1));
    const works = await receiver();
    await running.send('PATCH', `${HOOKS}/${id}`, { status: 'active', url: works.url });
    await vi.waitFor(() => expect(works.received).toHaveLength(1));
    await vi.waitFor(async () =>
      expect((await look(id)).delivery).toMatchObject({ delivered: 1, failingSince: null, failing: [] }),
    );
  });
});

describe('managing', () => {
  test('the secret is shown once; a repeated request makes nothing new; another one under its key is refused', async () => {
    const to = await receiver();
    const created = await subscribe(to.url, {}, 'same');
    expect(created.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await running.send(
      'POST',
      HOOKS,
      { url: to.url, types: ['training.*'], from: 'start' },
      keyed('same'),
    );
    expect(again).toMatchObject({ status: 200, body: { id: created.id } });
    expect(again.body).not.toHaveProperty('secret');
    const other = await running.send('POST', HOOKS, { url: to.url, types: ['qa.*'] }, keyed('same'));
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const list = (await running.get(HOOKS)).body as { items: object[] };
    expect(list.items).toHaveLength(1);
    expect(JSON.stringify(list)).not.toContain(created.secret?.slice(6));
  });

  test('however many requests came since, a repeated creation is told by its key', async () => {
    const { url } = await receiver();
    const body = { url, types: ['training.*'], from: 'start' };
    const { id, secret } = await subscribe(url, {}, 'first');
    for (let i = 0; i <= WEBHOOK_BOUNDS.requests_max; i++)
      await running.send('POST', `${HOOKS}/${id}/rotate-secret`, undefined, keyed(`rotate-${i}`));
    const again = await running.send('POST', HOOKS, body, keyed('first'));
    expect(secret).toBeDefined();
    expect(again).toMatchObject({ status: 200, body: { id } });
    expect(again.body).not.toHaveProperty('secret'); // it would be one that signs nothing
    const other = await running.send('POST', HOOKS, { ...body, types: ['qa.*'] }, keyed('first'));
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  test('a creation that is repeated after the deletion makes nothing, before and after all is cleared away', async () => {
    const { url } = await receiver();
    const body = { url, types: ['training.*'], from: 'start' };
    const { id } = await subscribe(url, {}, 'late');
    await running.send('DELETE', `${HOOKS}/${id}`);
    const gone = { status: 410, body: { code: 'WEBHOOK_DELETED' } };
    expect(await running.send('POST', HOOKS, body, keyed('late'))).toMatchObject(gone);
    await vi.waitFor(async () => expect(await adapters.store.count('webhooks', { index: 'by-created' })).toBe(0));
    expect(await running.send('POST', HOOKS, body, keyed('late'))).toMatchObject(gone);
    expect((await running.get(HOOKS)).body).toEqual({ items: [] });
    expect((await subscribe(url, {}, 'new')).id).not.toBe(id);
  });

  test.each([
    [{ url: 'ftp://example.com/x' }, 422, 'WEBHOOK_URL_NOT_ALLOWED', '/url'],
    [{ url: 'https://user:pw@example.com/x' }, 422, 'WEBHOOK_URL_NOT_ALLOWED', '/url'],
    [{ url: 'nonsense' }, 422, 'WEBHOOK_URL_NOT_ALLOWED', '/url'],
    [{ types: ['trainings.*'] }, 400, 'EVENT_TYPES_UNKNOWN', '/types'],
    [{ types: [] }, 400, 'REQUEST_INVALID', '/types'],
    [{ from: 'yesterday' }, 400, 'REQUEST_INVALID', '/from'],
  ])('%j is a %i %s', async (wrong, status, code, pointer) => {
    const body = { url: 'https://example.com/x', types: ['training.*'], ...wrong };
    expect(await running.send('POST', HOOKS, body, keyed())).toMatchObject({ status, body: { code, pointer } });
  });

  test('without leave, a private address is refused, also by a server that listens on such a one', async () => {
    await running.platform.stop();
    running = await startPlatform(adapters, { allowPrivate: false });
    const body = { url: (await receiver()).url, types: ['training.*'] };
    expect(await running.send('POST', HOOKS, body, keyed())).toMatchObject({
      status: 422,
      body: { code: 'WEBHOOK_URL_NOT_ALLOWED' },
    });
  });

  test('without a key, or for a webhook that is not there: a problem', async () => {
    expect((await running.send('POST', HOOKS, { url: 'https://example.com', types: ['*'] })).status).toBe(400);
    const nobody = `${HOOKS}/6f1c3c1e-6f0b-5d0b-9b0e-3c9d5f4b7a01`;
    expect((await running.get(nobody)).status).toBe(404);
    expect((await running.send('DELETE', nobody)).status).toBe(404);
    expect((await running.send('POST', `${nobody}/rotate-secret`, undefined, keyed())).status).toBe(404);
  });

  test('after a rotation both secrets sign', async () => {
    const to = await receiver();
    const { id, secret: old } = await subscribe(to.url);
    const rotated = (await running.send('POST', `${HOOKS}/${id}/rotate-secret`, undefined, keyed('r'))).body as Created;
    expect(rotated.secrets).toBe(2);
    const repeated = (await running.send('POST', `${HOOKS}/${id}/rotate-secret`, undefined, keyed('r')))
      .body as Created;
    expect(repeated).toMatchObject({ secrets: 2 });
    expect(repeated.secret).toBeUndefined();
    await publish(adapters.log, started(1));
    await vi.waitFor(() => expect(to.received).toHaveLength(1));
    const [first] = to.received;
    for (const secret of [old, rotated.secret])
      expect(
        new Verifier(secret ?? '').verify(first?.body ?? '', first?.headers as Record<string, string>),
      ).toBeTruthy();
  });

  test('a secret is kept once, for as long as it signs; nothing of it is left after its end or the deletion', async () => {
    let aheadMs = 0;
    await running.platform.stop();
    running = await startPlatform(adapters, {}, { ...systemClock, wall: () => systemClock.wall() + aheadMs });
    const { id, secret: first = '?' } = await subscribe((await receiver()).url);
    const rotated = await running.send('POST', `${HOOKS}/${id}/rotate-secret`, undefined, keyed());
    const { secret: second = '?' } = rotated.body as Created;
    const timesStored = async (secret: string) => {
      const [document] = await adapters.store.load('webhooks', [id]);
      return JSON.stringify(document).split(secret).length - 1;
    };
    expect([await timesStored(first), await timesStored(second)]).toEqual([1, 1]);
    aheadMs = WEBHOOK_BOUNDS.rotation_ms + 1_000;
    await vi.waitFor(async () => expect([await timesStored(first), await timesStored(second)]).toEqual([0, 1]));
    expect(await look(id)).toMatchObject({ secrets: 1 });
    await running.send('DELETE', `${HOOKS}/${id}`);
    expect(await timesStored('whsec_')).toBe(0);
  });

  test('a new secret is answered also while the log is away, which only the lag is read from', async () => {
    const to = await receiver();
    const { id } = await subscribe(to.url);
    let isAway = false;
    const get = (target: EventLog, name: string | symbol) => {
      const value: unknown = Reflect.get(target, name);
      if (name === 'watermarks' && isAway)
        return () => Promise.reject(new LogError('LOG_UNAVAILABLE', 'Kafka is away'));
      return typeof value === 'function' ? value.bind(target) : value;
    };
    await running.platform.stop();
    running = await startPlatform({ ...adapters, log: new Proxy(adapters.log, { get }) });
    isAway = true;
    const { status, body } = await running.send('POST', `${HOOKS}/${id}/rotate-secret`, undefined, keyed());
    expect(status).toBe(200);
    expect(body).toMatchObject({ secret: expect.stringMatching(/^whsec_/), delivery: { lag: null } });
    isAway = false;
    expect((await look(id)).delivery.lag).toBe(0);
  });

  test('a failure is taken back where nothing waits: whoever delivered since was killed before it said so', async () => {
    const to = await receiver();
    const { id } = await subscribe(to.url);
    await publish(adapters.log, started(1));
    await vi.waitFor(async () => expect((await look(id)).delivery).toMatchObject({ delivered: 1, lag: 0 }));
    const service = running.platform.running.get('notification') as RunningService;
    const dispatch = service.dispatch.bind(service);
    /** How many reports it tried to save each time while the store took none. */
    const tried: number[] = [];
    let isAway = true;
    service.dispatch = async (commands) => {
      if (!isAway || commands.length === 0) return dispatch(commands);
      tried.push(commands.length);
      throw new Error('not now');
    };
    const lane = { lane: 'training-events/0', sinceMs: 1, status: 500, error: 'it answered 500' };
    const data = {
      epoch: 1,
      delivered: 0,
      lastDeliveredMs: null,
      lastAttemptMs: null,
      lastStatus: null,
      lastError: null,
    };
    const target = { collection: 'webhook-figures', id };
    const said = {
      target,
      type: 'webhook.reported',
      data: { ...data, failing: [lane], flowing: [] },
      key: 'k',
      laneKey: id,
    };
    const [outcome] = await dispatch([said]);
    expect(outcome).toMatchObject({ status: 'done', reply: { failingSinceMs: 1 } });
    await vi.waitFor(() => expect(tried.length).toBeGreaterThan(3));
    expect(new Set(tried)).toEqual(new Set([1]));
    isAway = false;
    await vi.waitFor(async () =>
      expect(await look(id)).toMatchObject({ status: 'active', delivery: { failing: [], failingSince: null } }),
    );
  });

  test('Prometheus hears how far an active one is behind and how long its receiver has failed, and not its address', async () => {
    let isUp = false;
    const to = await receiver((_, reply) => void reply.writeHead(isUp ? 200 : 500).end());
    const { id } = await subscribe(to.url);
    const said = async () => await (await fetch(`${running.url}/ops/v1/metrics`)).text();
    const figureIn = (text: string, name: string) =>
      text.match(new RegExp(`^coachloop_webhook_${name}{webhook="${id}"} (\\S+)$`, 'm'))?.[1];
    await publish(adapters.log, started(5));
    await vi.waitFor(async () => {
      const text = await said();
      expect(figureIn(text, 'lag_records')).toBe('5');
      expect(Number(figureIn(text, 'failing_seconds'))).toBeGreaterThan(0);
      expect(text).not.toContain(to.url);
    });
    isUp = true;
    await vi.waitFor(async () => {
      const text = await said();
      expect([figureIn(text, 'lag_records'), figureIn(text, 'failing_seconds')]).toEqual(['0', '0']);
    });
    await running.send('PATCH', `${HOOKS}/${id}`, { status: 'paused' });
    await vi.waitFor(async () => expect(figureIn(await said(), 'lag_records')).toBeUndefined());
  });

  test('paused, it keeps its place', async () => {
    const to = await receiver();
    const { id } = await subscribe(to.url);
    await publish(adapters.log, started(5));
    await vi.waitFor(() => expect(to.received).toHaveLength(5));
    await running.send('PATCH', `${HOOKS}/${id}`, { status: 'paused' });
    await vi.waitFor(() => expect(adapters.log.resetOffsets(`webhook.${id}`, [])).resolves.toBeUndefined()); // nobody is in the group
    await publish(adapters.log, started(5));
    await vi.waitFor(async () => expect(await look(id)).toMatchObject({ status: 'paused', delivery: { lag: 5 } }));
    expect(to.received).toHaveLength(5);
    await running.send('PATCH', `${HOOKS}/${id}`, { status: 'active' });
    await vi.waitFor(() => expect(to.ids()).toHaveLength(10));
    expect(to.received).toHaveLength(10);
  });

  test('a replay sends everything again, from the start or from a time; the old groups go', async () => {
    const to = await receiver();
    const { id } = await subscribe(to.url);
    await publish(adapters.log, started(10), Date.now() - 60_000);
    await vi.waitFor(() => expect(to.received).toHaveLength(10));
    const since = new Date(Date.now() - 30_000).toISOString();
    await publish(adapters.log, started(3));
    await vi.waitFor(() => expect(to.received).toHaveLength(13));
    expect((await running.send('POST', `${HOOKS}/${id}/replay`, { from: 'start' }, keyed('again'))).status).toBe(202);
    await vi.waitFor(() => expect(to.received).toHaveLength(26));
    expect((await running.send('POST', `${HOOKS}/${id}/replay`, { from: 'start' }, keyed('again'))).status).toBe(202);
    await running.send('POST', `${HOOKS}/${id}/replay`, { from: since }, keyed());
    await vi.waitFor(() => expect(to.received).toHaveLength(29));
    expect(to.ids()).toHaveLength(13);
    await vi.waitFor(async () => expect(await adapters.log.committed(`webhook.${id}`)).toEqual([]));
    expect((await running.send('POST', `${HOOKS}/${id}/replay`, { from: 'soon' }, keyed())).status).toBe(400);
  });

  test('deleted, it is gone: from the list, from the index, from the log', async () => {
    const to = await receiver();
    const { id } = await subscribe(to.url);
    await publish(adapters.log, started(5));
    await vi.waitFor(() => expect(to.received).toHaveLength(5));
    expect((await running.send('DELETE', `${HOOKS}/${id}`)).status).toBe(204);
    expect((await running.get(`${HOOKS}/${id}`)).status).toBe(404);
    await vi.waitFor(async () => {
      expect(await adapters.log.committed(`webhook.${id}`)).toEqual([]);
      expect(await adapters.store.count('webhooks', { index: 'by-created' })).toBe(0);
    });
    expect((await running.get(HOOKS)).body).toEqual({ items: [] });
  });
});

/** A service that cannot go on: what is logged of it, with the trace, and when the process says that another one should be started. */
import type { DocumentStore } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defineService, httpProblem, Platform, systemClock } from '../src/index.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const SAID = 'somebody said this';
const MINUTE_MS = 60_000;
let aheadMs = 0;
const clock = { ...systemClock, wall: () => Date.now() + aheadMs };
const logged: Record<string, unknown>[] = [];
let isStoreThere = true;
let platform: Platform;

/** A store of which nothing can be read, whatever it says of its health. */
function unreadable(store: DocumentStore): DocumentStore {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'load') return async () => Promise.reject(new Error('there is a bug in here'));
      if (key === 'healthy') return async () => isStoreThere;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeEach(async () => {
  const log = createMemoryLog({ clock });
  const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const service = defineService({
    definition: { name: 'things', aggregates: [], consumes: { 'things-in': { to: () => [] } }, emits: [] },
    routes: (app) =>
      void app.get<{ Querystring: { later?: string } }>('/things/v1', async ({ query: { later } }) => {
        throw httpProblem('SERVICE_STARTING', 'Not now.', later === undefined ? {} : { retryAfter: 2 });
      }),
  });
  const broken = defineService({
    definition: { name: 'broken', aggregates: [], consumes: {}, emits: [] },
    routes: (app) => {
      app.get('/broken/v1', async () => Promise.reject(Object.assign(new TypeError('no such thing'), { query: SAID })));
      app.get('/broken/v1/parser', async () => JSON.parse(`{"a": ${SAID}}`));
    },
  });
  platform = await Platform.start({
    ...{ services: [service, broken], log, store: unreadable(createMemoryStore()), clock, logger, version: 'test' },
    ...{ host: '127.0.0.1', port: null, stopMs: 100 },
  });
  const headers = { traceparent: Buffer.from(traceparent) };
  await log.append([
    { topic: 'things-in', key: 'k', headers: {}, value: null },
    { topic: 'things-in', key: 'k', headers, value: null },
  ]);
  await vi.waitFor(() => expect(logged.length).toBeGreaterThan(0));
});
afterEach(async () => {
  await platform.stop();
  logged.splice(0);
  [aheadMs, isStoreThere] = [0, true];
});

const healthz = async () => {
  const { statusCode, body } = await platform.app.inject({ url: '/healthz', headers: { host: 'localhost' } });
  return { status: statusCode, ...(JSON.parse(body) as { alive: boolean; reasons: readonly string[] }) };
};

test('is alive at first, and stuck after two minutes in which log and store answered', async () => {
  expect(await healthz()).toEqual({ status: 200, alive: true, reasons: [] });
  aheadMs = MINUTE_MS;
  expect(await healthz()).toMatchObject({ status: 200, alive: true });
  aheadMs = 3 * MINUTE_MS;
  const reason = expect.stringMatching(/^things is stuck, though log and store answer: .*there is a bug in here/);
  expect(await healthz()).toEqual({ status: 503, alive: false, reasons: [reason] });
  isStoreThere = false; // then another process would do no better
  expect(await healthz()).toEqual({ status: 200, alive: true, reasons: [] });
});

test('is logged with a trace of what is in hand; so is a request that failed', async () => {
  expect(logged[0]).toMatchObject({
    service: 'things',
    what: expect.stringMatching(/^handle things-in/),
    traceId: TRACE,
  });
  await platform.app.inject({ url: '/things/v1', headers: { host: 'localhost', traceparent } });
  expect(logged.at(-1)).toMatchObject({ code: 'SERVICE_STARTING', traceId: TRACE });
});

test('what nobody foresaw is logged with its stack, under the id that the client was given, and without what people said', async () => {
  const ask = (url: string) => platform.app.inject({ url, headers: { host: 'localhost' } });
  const ids = new Set<string>();
  for (const [url, cause] of [
    ['/broken/v1', { name: 'TypeError', message: 'no such thing' }],
    ['/broken/v1/parser', { name: 'SyntaxError', message: expect.stringMatching(/^Unexpected token 's', "…"/) }],
  ] as const) {
    const { code, detail, instance } = (await ask(url)).json<{ code: string; detail: string; instance: string }>();
    expect({ code, detail }).toEqual({ code: 'INTERNAL', detail: 'It has been logged under the id of this request.' });
    const at = expect.arrayContaining([expect.stringContaining('stuck.unit.ts')]);
    expect(logged.at(-1)).toMatchObject({ level: 50, reqId: instance, code: 'INTERNAL', cause: { ...cause, at } });
    expect(JSON.stringify(logged.at(-1))).not.toContain(SAID.slice(0, 8));
    ids.add(instance);
  }
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/); // other processes count, too
  expect(ids.size).toBe(2);
});

test('a request that may come again is refused by design: a warning, and no error', async () => {
  const errors = logged.length;
  await platform.app.inject({ url: '/things/v1?later', headers: { host: 'localhost' } });
  expect(logged).toHaveLength(errors);
});

test('tells Prometheus itself how long it has stood still: others ask one instance of it at most', async () => {
  aheadMs = 3 * MINUTE_MS;
  const { body } = await platform.app.inject({ url: '/ops/v1/metrics', headers: { host: 'localhost' } });
  const [, seconds] = /^coachloop_stalled_seconds\{service="things"\} ([0-9.]+)$/m.exec(body) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(180);
});

/** The status of an installation, as the process sees it that looks after all of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createLogger, defineService, Platform, systemClock } from '../src/index.ts';

const clock = systemClock;
const definitionOf = (name: string) => ({
  name,
  aggregates: [],
  consumes: { [`${name}-in`]: { to: () => [] } },
  emits: [],
});
const adapters = { log: createMemoryLog({ clock }), store: createMemoryStore() };
const more = { ...adapters, clock, host: '127.0.0.1', logger: createLogger('silent'), version: 'test', lagEveryMs: 20 };
const started: Platform[] = [];
afterEach(() => Promise.all(started.splice(0).map((platform) => platform.stop())));

async function start(names: readonly string[], options: Partial<Parameters<typeof Platform.start>[0]>) {
  const services = names.map((name) => defineService({ definition: definitionOf(name) }));
  const platform = await Platform.start({ ...more, port: null, services, ...options });
  started.push(platform);
  return platform;
}

test('a process of another release that says less of itself spoils nothing', async () => {
  const row = { name: 'one', handled: 3, parked: 0, lag: 0, stalledMs: 0, stallReason: null };
  const older = createServer((_, response) => response.end(JSON.stringify({ reasons: [], services: [row] }))).listen(0);
  onTestFinished(() => void older.close());
  const url = `http://127.0.0.1:${(older.address() as AddressInfo).port}`;
  const { app } = await start([], { peers: [{ name: 'one', url }] });
  const { statusCode, body } = await app.inject({ url: '/ops/v1/status', headers: { host: 'localhost' } });
  expect(statusCode).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ services: [{ name: 'one', away: false, handled: 3 }] });
});

test('each service is in it once, though several share a process; one that is away is in it with its lag', async () => {
  const shared = await start(['one', 'two'], { port: 0 });
  const nowhere = 'http://127.0.0.1:9';
  const peers = ['one', 'two'].map((name) => ({ name, url: shared.url })).concat({ name: 'three', url: nowhere });
  const definitions = ['one', 'two', 'three.g1'].map(definitionOf);
  await adapters.log.createTopics([{ name: 'three.g1-in', partitions: 12 }]);
  await adapters.log.append([{ topic: 'three.g1-in', key: 'k', headers: {}, value: null }]);
  const { app, peers: asked } = await start([], { installation: async () => definitions, peers });
  await vi.waitFor(async () => {
    const { body } = await app.inject({ url: '/ops/v1/status', headers: { host: 'localhost' } });
    expect(JSON.parse(body)).toMatchObject({
      ready: false,
      reasons: [`three does not answer at ${nowhere}`],
      services: [
        { name: 'one', away: false, handled: 0, lag: 0 },
        { name: 'two', away: false, handled: 0, lag: 0 },
        { name: 'three.g1', away: true, handled: null, parked: null, lag: 1 },
      ],
    });
  });
  await vi.waitFor(() => expect(asked.stalled).toMatchObject([{ service: 'three', away: true }]));
});

test('in an outage it says what does not answer, and nothing that nobody knows', async () => {
  const never = new Promise<never>(() => {});
  const silentOf = (silent: { is: boolean }) =>
    ({
      log: new Proxy(createMemoryLog({ clock }), {
        get(target, key) {
          if (silent.is && (key === 'healthy' || key === 'watermarks')) return () => never;
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
      store: createMemoryStore(),
    }) as const;
  const [here, there] = [{ is: false }, { is: false }];
  const peer = await start(['one'], { ...silentOf(there), port: 0 });
  const { app } = await start(['two'], { ...silentOf(here), peers: [{ name: 'one', url: peer.url }] });
  const status = async () =>
    JSON.parse((await app.inject({ url: '/ops/v1/status', headers: { host: 'localhost' } })).body);
  await vi.waitFor(async () =>
    expect(await status()).toMatchObject({ notAnswering: [], services: [{ lag: 0 }, { lag: 0 }] }),
  );
  here.is = true;
  there.is = true;
  const outage = 'the event log does not answer';
  expect(await status()).toMatchObject({
    ready: false,
    reasons: [outage, `one: ${outage}`],
    notAnswering: ['event-log'],
    services: [
      { name: 'two', away: false, lag: null },
      { name: 'one', away: false, lag: null },
    ],
  });
});

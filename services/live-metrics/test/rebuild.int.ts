import { type DocumentStore, StoreError } from '@coachloop/document-store';
import { type EventLog, LogError } from '@coachloop/event-log';
import { lettersCollection } from '@coachloop/runtime';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { collectionsOf, generationsIn, nameOfGeneration } from '../src/generation.ts';
import { completed, moved, scored, T0, uuid } from './given.ts';
import { embedded, inMemory, startPlatform } from './platform.ts';
import { SseClient } from './sse.ts';

/** Each waits for several looks of the supervisor, on a machine that may be busy. */
vi.setConfig({ testTimeout: 90_000 });

let t: Awaited<ReturnType<typeof startPlatform>>;
afterEach(() => t.stop());

const ADAPTERS = { memory: undefined, embedded } as const;
describe.each(['memory', 'embedded'] as const)('on adapters: %s', (adapters) => {
  beforeEach(async () => {
    t = await startPlatform({}, ADAPTERS[adapters]);
  });
  rebuilds();
});

test('a rebuild that does not get any further says why, and what it could not count; then it goes on', async () => {
  let away = true;
  t = await startPlatform({}, async (clock) => {
    const { log, store } = await inMemory(clock);
    const { shares } = collectionsOf(2);
    const save: DocumentStore['save'] = async (collection, writes) => {
      if (away && collection === shares) throw new StoreError('STORE_UNAVAILABLE', 'The disk is away.');
      return store.save(collection, writes);
    };
    const get = (target: DocumentStore, name: string | symbol) => {
      const value: unknown = name === 'save' ? save : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    };
    return { log, store: new Proxy(store, { get }) };
  });
  await t.publish(...batch(0, 20));
  // In a partition of its own: it is parked while the others wait.
  await t.log.append([{ topic: 'notification-events', key: 'k', headers: {}, value: Buffer.from('nonsense') }]);
  await counted(20);
  const status = async () => (await t.get('/metrics/v1/rebuild')).body;
  expect(await status()).toMatchObject({ state: 'idle', health: null });
  await t.platform.app.inject({ method: 'POST', url: '/metrics/v1/rebuild' });
  await vi.waitFor(async () => {
    expect(await status()).toMatchObject({
      state: 'building',
      health: { stallReason: expect.stringContaining('The disk is away.'), deadLettersOpen: 1 },
    });
    expect((await status()).health.stalledMs).toBeGreaterThan(0);
  });
  expect(await t.platform.unready()).toEqual([]); // the figures that are read are well
  away = false;
  await vi.waitFor(async () => expect(await status()).toMatchObject({ state: 'idle', active: 2, health: null }));
});

test('a rebuild that may not begin says why, and what else there is to do is done; then it goes on', async () => {
  let isDenied = true;
  t = await startPlatform({}, async (clock) => {
    const { log, store } = await inMemory(clock);
    const consume: EventLog['consume'] = async (options, handle) => {
      if (isDenied && options.group === nameOfGeneration(2))
        throw new LogError('LOG_ACCESS_DENIED', `${options.group} may not be read`);
      return log.consume(options, handle);
    };
    const get = (target: EventLog, name: string | symbol) => {
      const value: unknown = name === 'consume' ? consume : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    };
    return { log: new Proxy(log, { get }), store };
  });
  await t.publish(...batch(0, 20));
  await counted(20);
  const status = async () => (await t.get('/metrics/v1/rebuild')).body;
  await t.platform.app.inject({ method: 'POST', url: '/metrics/v1/rebuild' });
  await vi.waitFor(async () => {
    expect(await status()).toMatchObject({
      state: 'building',
      health: { stallReason: expect.stringContaining('LOG_ACCESS_DENIED') },
    });
    expect((await status()).health.stalledMs).toBeGreaterThan(0);
  });
  await t.restart(); // the figures that are there are shown, whatever becomes of the next ones
  expect(await status()).toMatchObject({ state: 'building', active: 1 });
  isDenied = false;
  await vi.waitFor(async () => expect(await status()).toMatchObject({ state: 'idle', active: 2, health: null }));
});

const batch = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + i).flatMap((n) => [
    completed({
      n,
      endedAt: T0 - n * 1_000,
      more: { waitSeconds: n % 40, talkSeconds: 60 + n, customerHash: `customer-${n % 50}` },
    }),
    scored({ n, score: (n * 7) % 101, agent: n % 5 }),
    moved(n, null, 'opened'),
  ]);
const figures = async () => {
  const { body } = await t.get('/metrics/v1/snapshot');
  const { generation, figures: all, criteria, scores, queues, caseStages } = body;
  return { generation, content: { figures: all, criteria, scores, queues, caseStages } };
};
const counted = async (calls: number) =>
  vi.waitFor(async () => {
    const { content } = await figures();
    expect(content.figures.callsDone.all.value).toBe(calls);
    expect(content.figures.evaluations.all.value).toBe(calls);
    expect(content.figures.casesOpen.value).toBe(calls);
  });

function rebuilds(): void {
  test('while events flow, the figures are rebuilt and switched without a gap; the old ones are removed', async () => {
    await t.publish(...batch(0, 300));
    await counted(300);
    const client = new SseClient(t.platform.url);
    await vi.waitFor(() => expect(client.snapshots.length).toBeGreaterThan(0));
    const flow = (async () => {
      for (let n = 300; n < 600; n += 20) await t.publish(...batch(n, 20));
    })();
    const asked = await t.platform.app.inject({ method: 'POST', url: '/metrics/v1/rebuild' });
    expect(asked.statusCode).toBe(202);
    expect(asked.json()).toMatchObject({ active: 1, building: { generation: 2 } });
    const again = await t.platform.app.inject({ method: 'POST', url: '/metrics/v1/rebuild' });
    expect(again.json()).toMatchObject({ active: expect.any(Number) });
    await vi.waitFor(async () => {
      const { body } = await t.get('/metrics/v1/rebuild');
      expect(body).toMatchObject({ state: 'idle', active: 2, building: null, lag: null, last: { generation: 2 } });
    });
    await flow;
    await vi.waitFor(async () => expect((await figures()).generation).toBe(2));
    await counted(600);
    const after = await figures();
    await vi.waitFor(async () => {
      expect(await t.store.count(collectionsOf(1).shares)).toBe(0);
      expect(await t.store.count(collectionsOf(1).agents)).toBe(0);
      expect(await t.store.count(collectionsOf(1).customers)).toBe(0);
      expect(await t.store.count(lettersCollection(nameOfGeneration(1)))).toBe(0);
      expect(await t.log.committed(nameOfGeneration(1))).toEqual([]);
    });
    expect((await figures()).content).toEqual(after.content);
    const shown = client.snapshots.map(({ figures: f }) => f.callsDone.all?.value ?? 0);
    client.close();
    // At no time was anything shown that was only half built.
    expect(Math.min(...shown)).toBeGreaterThanOrEqual(300);
    expect([...t.platform.running.keys()]).toEqual(['live-metrics', 'live-metrics.g2']);
    expect((await generationsIn(t.store)).map(({ name }) => name)).toEqual(['live-metrics.g2']);
    const { body } = await t.platform.app.inject({ method: 'POST', url: '/ops/v1/verify' });
    expect(JSON.parse(body.trim().split('\n').at(-1) ?? '')).toMatchObject({ result: { ok: true, violations: [] } });
  });

  test('a restart in the middle of a rebuild goes on with it', async () => {
    await t.publish(...batch(0, 100));
    await counted(100);
    await t.platform.app.inject({ method: 'POST', url: '/metrics/v1/rebuild' });
    await t.restart();
    await vi.waitFor(async () => expect((await t.get('/metrics/v1/rebuild')).body).toMatchObject({ active: 2 }));
    await counted(100);
    await t.restart();
    await vi.waitFor(async () => expect((await figures()).generation).toBe(2));
    await counted(100);
    expect((await t.get(`/metrics/v1/agents/${uuid(9_001)}`)).body).toMatchObject({ all: { evaluations: 20 } });
  });
}

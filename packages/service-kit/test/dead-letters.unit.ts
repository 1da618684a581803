/** Dead letters of a service that does not run: another process of the installation lists, shows, and takes replays of them. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog } from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogger, defineService, Platform, systemClock } from '../src/index.ts';

const clock = systemClock;
const definition = {
  name: 'things',
  aggregates: [],
  consumes: { 'things-in': { to: () => [] } },
  emits: [],
};
const adapters = { log: createMemoryLog({ clock }), store: createMemoryStore() };
const more = { ...adapters, clock, host: '127.0.0.1', port: null, logger: createLogger('silent'), version: 'test' };
let platform: Platform;
afterEach(() => platform.stop());

interface Answer {
  readonly items?: readonly { readonly id: string; readonly service: string; readonly parkedAt: string }[];
  readonly next?: string;
  readonly code?: string;
  readonly detail?: string;
}

const ask = async (path: string, method: 'GET' | 'POST' = 'GET') => {
  const url = `/ops/v1/dead-letters${path}`;
  const { statusCode, body } = await platform.app.inject({ url, method, headers: { host: 'localhost' } });
  return { status: statusCode, ...(JSON.parse(body) as Answer) };
};

const definitionOf = (name: string) => ({ name, aggregates: [], consumes: {}, emits: [] });
const secondsOf = (items: Answer['items'] = []) =>
  items.map(({ parkedAt }) => (Date.parse(parkedAt) - START_MS) / 1_000);
const START_MS = Date.parse('2026-03-01T08:00:00.000Z');
let streams = 0;

/** A letter of this group, parked so many seconds after the start. */
async function park(log: EventLog, group: string, seconds: number, code = 'EVENT_INVALID'): Promise<void> {
  streams += 1;
  const data = {
    group,
    collection: `${group}.intake`,
    aggregate: 'a',
    stream: `s${streams}`,
    seq: 1,
    origin: { topic: 'in', partition: 0, offset: streams },
    reason: { code, message: 'it is not what it should be' },
    parkedAt: new Date(START_MS + seconds * 1_000).toISOString(),
    record: { key: null, headers: {}, value: null },
  };
  const attributes = {
    ce_specversion: '1.0',
    ce_id: `p${streams}`,
    ce_source: '/test',
    ce_type: 'dead-letter.parked',
    ce_stream: `s${streams}`,
    ce_seq: '1',
    ce_born: '1',
    'content-type': 'application/json',
  };
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, Buffer.from(text)]));
  await log.append([{ topic: `${group}.dead-letter`, key: 'a', headers, value: Buffer.from(JSON.stringify(data)) }]);
}

const listed = (count: number) => vi.waitFor(async () => expect((await ask('?limit=200')).items).toHaveLength(count));

describe('of several services', () => {
  const names = ['first', 'second', 'third', 'third.g1'];
  const log = createMemoryLog({ clock });
  const store = createMemoryStore();
  const shared = { ...more, log, store };

  test('are one list, the newest first, whose pages neither repeat nor leave out any while others are parked', async () => {
    platform = await Platform.start({ ...shared, services: names.map((name) => ({ definition: definitionOf(name) })) });
    for (const [at, name] of [...names, ...names, ...names].entries()) await park(log, name, at);
    // As many as were parked at once stand in an order of their own.
    for (const name of names) for (let i = 0; i < 3; i += 1) await park(log, name, 20);
    await listed(24);
    await platform.stop();

    // Another process, which runs one of them.
    const installation = async () => names.map(definitionOf);
    const peers = [{ name: 'second', url: 'http://127.0.0.1:9' }];
    const here = [{ definition: definitionOf('first') }];
    platform = await Platform.start({ ...shared, services: here, installation, peers });
    const seen: NonNullable<Answer['items']>[number][] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
      const { items = [], next } = await ask(`?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      if (page < 11) expect(items).toHaveLength(2);
      seen.push(...items);
      cursor = next;
      await park(log, 'first', 100 + page);
      await listed(25 + page);
      if (page > 50) break;
    }
    expect(secondsOf(seen)).toEqual([...Array(12).fill(20), 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(24);
    expect((await ask('?limit=200')).items?.slice(-24)).toEqual(seen);
  });

  test('are found by service, with those of what runs beside it, and by code; what is not known is refused', async () => {
    platform = await Platform.start({ ...shared, services: names.map((name) => ({ definition: definitionOf(name) })) });
    await park(log, 'second', 50, 'EVENT_TOO_OLD');
    await vi.waitFor(async () => expect((await ask('?code=EVENT_TOO_OLD')).items).toHaveLength(1));
    expect((await ask('?code=EVENT_TOO_OLD&service=first')).items).toEqual([]);
    const third = (await ask('?service=third&limit=4')).items ?? [];
    expect(secondsOf(third)).toEqual([20, 20, 20, 20]);
    const all = (await ask('?service=third')).items ?? [];
    expect(Map.groupBy(all, ({ service }) => service).size).toBe(2);
    expect(all).toHaveLength(12);
    expect((await ask('?service=third.g1')).items).toHaveLength(6);
    expect(await ask('?service=thir')).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
      detail: 'No service is called "thir"; there are first, second, third, third.g1.',
    });
  });

  test('are paged by cursors of the same filters alone, at most 200 at a time', async () => {
    platform = await Platform.start({ ...shared, services: names.map((name) => ({ definition: definitionOf(name) })) });
    const { next } = await ask('?limit=2');
    for (const query of [`status=discarded&cursor=${next}`, `code=EVENT_INVALID&cursor=${next}`, 'cursor=1.'])
      expect(await ask(`?${query}`)).toMatchObject({ status: 400, code: 'CURSOR_INVALID' });
    expect(await ask(`?service=second&cursor=${next}`)).toMatchObject({ status: 200 });
    expect(await ask('?limit=201')).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });
});

test('are found by their ids alone, shown and replayed', async () => {
  platform = await Platform.start({ ...more, services: [defineService({ definition })] });
  const headers = { ce_type: Buffer.from('to'), ce_specversion: Buffer.from('2.0') };
  await adapters.log.append([{ topic: 'things-in', key: 'k', headers, value: null }]);
  const items = await vi.waitFor(async () => {
    const found = (await ask('')).items ?? [];
    expect(found).toHaveLength(1);
    return found;
  });
  const id = items[0]?.id ?? '';
  await platform.stop();
  const peers = [{ name: 'things', url: 'http://127.0.0.1:9' }];
  platform = await Platform.start({ ...more, services: [], installation: async () => [definition], peers });
  const letter = { id, service: 'things', status: 'open' };
  expect(await ask(`?id=${id}`)).toEqual({ status: 200, items: [expect.objectContaining(letter)] });
  expect(await ask(`?id=${id}&service=things`)).toMatchObject({ items: [letter] });
  expect(await ask('?id=nobody')).toEqual({ status: 200, items: [] });
  expect(await ask(`/things/${id}`)).toMatchObject({ id, service: 'things' });
  expect(await ask(`/things/${id}/replay`, 'POST')).toMatchObject({ status: 202 });
});

/** Dead letters of a service that does not run: another process of the installation lists, shows, and takes replays of them. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { afterEach, expect, test, vi } from 'vitest';
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

const ask = async (path: string, method: 'GET' | 'POST' = 'GET') => {
  const url = `/ops/v1/dead-letters${path}`;
  const { statusCode, body } = await platform.app.inject({ url, method, headers: { host: 'localhost' } });
  return { status: statusCode, ...(JSON.parse(body) as { items?: readonly { id: string }[]; code?: string }) };
};

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

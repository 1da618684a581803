/** Checks over HTTP: one at a time, and not for somebody who has left; what they wait for, and what not. */
import { setImmediate } from 'node:timers/promises';
import { EXAMPLES } from '@coachloop/contracts/examples';
import type { DocumentStore } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { aggregate, newDocument, toStored } from '@coachloop/runtime';
import { expect, test, vi } from 'vitest';
import { createLogger, defineService, Platform, systemClock } from '../src/index.ts';

const aggregateOf = (collection: string) =>
  aggregate<object>({
    collection,
    schema: 1,
    initial: () => ({}),
    handle: (state) => ({ state, events: [], wakeAt: null }),
    digest: () => undefined,
  });

/** A store with a collection that never ends. */
function endless(store: DocumentStore): DocumentStore {
  const things = aggregateOf('things');
  let read = 0;
  const scan = async () => {
    await setImmediate(); // whoever leaves must be noticed
    return Array.from({ length: 200 }, () => toStored(newDocument(things, `${read++}`, 0, '0')));
  };
  const bound = (value: unknown) => (typeof value === 'function' ? value.bind(store) : value);
  return new Proxy(store, { get: (_, name) => (name === 'scan' ? scan : bound(Reflect.get(store, name))) });
}

test.each(['verify', 'digest'])('%s ends when its caller has left, and another may begin', async (name) => {
  const clock = systemClock;
  const definition = { name: 'things', aggregates: [aggregateOf('things')], consumes: {}, emits: [] };
  const platform = await Platform.start({
    ...{
      services: [defineService({ definition })],
      log: createMemoryLog({ clock }),
      store: endless(createMemoryStore()),
    },
    ...{ clock, host: '127.0.0.1', port: 0, logger: createLogger('silent'), version: 'test' },
  });
  const ask = (signal: AbortSignal) => fetch(`${platform.url}/ops/v1/${name}`, { method: 'POST', signal });
  const [first, second] = [new AbortController(), new AbortController()];
  expect((await ask(first.signal)).status).toBe(200);
  expect((await ask(second.signal)).status).toBe(409);
  first.abort();
  await vi.waitFor(async () => expect((await ask(second.signal)).status).toBe(200));
  second.abort();
  await platform.stop();
});

test('digest does not wait until documents have been at rest for a while', async () => {
  const type = 'notification.created';
  const data = EXAMPLES['notification-events'][type];
  const things = aggregate<object>({
    collection: 'things',
    schema: 1,
    initial: () => ({}),
    handle: (state) => ({ state, events: [{ type, key: 'a-1', data }], wakeAt: null }),
    digest: () => undefined,
  });
  const definition = { name: 'things', aggregates: [things], consumes: {}, emits: ['notification-events'] };
  const standing = Date.now();
  const clock = { ...systemClock, wall: () => standing }; // nothing comes to rest by it
  const platform = await Platform.start({
    ...{ services: [defineService({ definition })], log: createMemoryLog({ clock }), store: createMemoryStore() },
    ...{ clock, host: '127.0.0.1', port: 0, logger: createLogger('silent'), version: 'test' },
  });
  const target = { collection: 'things', id: '1' };
  const [outcome] =
    (await platform.running.get('things')?.dispatch([{ target, type: 't', data: {}, key: 'k', laneKey: 'a-1' }])) ?? [];
  expect(outcome?.status).toBe('done');
  const response = await fetch(`${platform.url}/ops/v1/digest`, { method: 'POST' });
  const last = (await response.text()).trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ result: { settled: true } });
  await platform.stop();
});

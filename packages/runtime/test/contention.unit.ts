/** All partitions at once with messages for one document, as when many cases open in the same moment and their team has one inbox. */
import { PARTITIONS } from '@coachloop/contracts';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { expect, it } from 'vitest';
import { aggregate, NO_FAULTS } from '../src/index.ts';
import { OutboxRelay } from '../src/outbox.ts';
import { Processor } from '../src/processor.ts';
import type { Input } from '../src/work.ts';

const ROUND_TRIP_MS = 4;
const BATCHES = 6;
const NOW = Date.UTC(2026, 0, 1);

const inbox = aggregate<{ readonly n: number }>({
  collection: 'inboxes',
  schema: 1,
  initial: () => ({ n: 0 }),
  handle: ({ n }) => ({ state: { n: n + 1 }, events: [], wakeAt: null }),
});

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const clock = { now: () => NOW, wall: () => NOW, sleep };

function inputOf(partition: number, seq: number): Input {
  const id = `${partition}#${seq}`;
  const record = { topic: 'x', partition, offset: seq, key: 'k', headers: {}, value: null, timestampMs: NOW };
  return {
    target: { collection: 'inboxes', id: 'team' },
    message: { id, kind: 'event', type: 'x', source: 's', time: NOW, data: null, origin: { topic: 'x', partition } },
    identity: { kind: 'stream', stream: `s${partition}`, seq, born: NOW, replay: false },
    cause: id,
    lane: String(partition),
    origin: { record },
    failedBefore: false,
  };
}

it('no partition stalls because the others are quicker', async () => {
  const store = createMemoryStore();
  await store.declare([{ name: 'inboxes', indexes: [] }]);
  const slow = new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await sleep(ROUND_TRIP_MS);
        return method.apply(target, args);
      };
    },
  });
  const processor = new Processor({
    service: 'svc',
    store: slow,
    relay: new OutboxRelay({ service: 'svc', era: '', log: createMemoryLog({ clock }), store: slow }),
    clock,
    faults: NO_FAULTS,
    aggregates: new Map([['inboxes', inbox]]),
    topicOf: () => undefined,
  });
  const partition = async (n: number) => {
    const failed = [];
    for (let seq = 1; seq <= BATCHES; seq += 1) failed.push(...(await processor.handle([inputOf(n, seq)])).failed);
    return failed;
  };
  const failed = await Promise.all(Array.from({ length: PARTITIONS }, (_, n) => partition(n)));
  expect(failed.flat()).toEqual([]);
  expect((await store.load('inboxes', ['team']))[0]?.body).toMatchObject({ state: { n: PARTITIONS * BATCHES } });
});

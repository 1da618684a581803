/** The relay alone: what it takes out of documents at rest, and when. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { beforeEach, expect, it } from 'vitest';
import { type Document, newDocument, type OutboxEntry, toStored } from '../src/document.ts';
import { aggregate } from '../src/index.ts';
import { OutboxRelay } from '../src/outbox.ts';

const NOW = Date.UTC(2026, 0, 1);
const TOPIC = 'call-events';
const things = aggregate<object>({
  collection: 'things',
  schema: 1,
  initial: () => ({}),
  handle: (state) => ({ state, events: [], wakeAt: null }),
});
const clock = { now: () => NOW, wall: () => NOW };

let relay: OutboxRelay;
let store: ReturnType<typeof createMemoryStore>;
beforeEach(async () => {
  const log = createMemoryLog({ clock });
  await log.createTopics([{ name: TOPIC, partitions: 1 }]);
  store = createMemoryStore();
  await store.declare([{ name: 'things', indexes: [] }]);
  relay = new OutboxRelay({ service: 'test', era: '', log, store });
});

const says = (n: number): OutboxEntry => ({ n, topic: TOPIC, key: 'k', id: `e${n}`, type: 'x', time: NOW, data: null });

/** Saved with these outputs. */
async function saved(id: string, version: number, ...outbox: readonly OutboxEntry[]): Promise<Document> {
  const made = newDocument(things, id, NOW, '0');
  const n = outbox.at(-1)?.n ?? 0;
  const document = { ...made, version, body: { ...made.body, n, outbox, outboxSince: NOW } };
  await store.save('things', [{ expectedVersion: version - 1, document: toStored(document) }]);
  return document;
}

const publish = (document: Document, wallMs: number) => relay.publish([{ collection: 'things', document }], wallMs);

const waiting = async (id: string): Promise<readonly number[]> => {
  const [stored] = await store.load('things', [id]);
  if (!stored) throw new Error(`There is no ${id}.`);
  return (stored.body as unknown as Document['body']).outbox.map(({ n }) => n);
};

it('a document at rest is taken out also when one before it in line is not due, because the clock was set back', async () => {
  await publish(await saved('ahead', 1, says(1)), NOW + 3_600_000);
  await publish(await saved('due', 1, says(1)), NOW);
  await relay.flush(NOW);
  expect(await waiting('due')).toEqual([]);
  expect(await waiting('ahead')).toEqual([1]);
});

it('what a sweep read before the document was written here once more does not take the place of that write', async () => {
  const before = await saved('thing', 1, says(1));
  const after = await saved('thing', 2, says(1), says(2));
  await publish(after, NOW);
  await publish(before, NOW);
  await relay.flush(NOW);
  expect(await waiting('thing')).toEqual([]);
});

it('what was added since is never taken out with what is acknowledged', async () => {
  await publish(await saved('thing', 1, says(1)), NOW);
  await saved('thing', 2, says(1), says(2)); // and its writer was killed
  await relay.flush(NOW);
  expect(await waiting('thing')).toEqual([1, 2]);
});

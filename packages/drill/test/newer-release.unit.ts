/** What the newer release of a drill wrote is known, or nobody looks whether it was kept. */
import type { DocumentStore, Verdict, Write } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { beforeEach, expect, test } from 'vitest';
import { extend } from '../src/distributed/newer-release.ts';

const COLLECTION = 'evaluations';

let store: DocumentStore;
beforeEach(async () => {
  store = createMemoryStore();
  await store.declare([{ name: COLLECTION, indexes: [] }]);
  await store.save(
    COLLECTION,
    ['a', 'b', 'c'].map((id) => written(id, 0)),
  );
});

const written = (id: string, expectedVersion: number, state: { n: number } | null = { n: expectedVersion }): Write => ({
  expectedVersion,
  document: { id, version: expectedVersion + 1, wakeAt: null, lane: null, body: { state } },
});

test('given documents, when a newer release writes them, then each has its field and keeps the others', async () => {
  expect(await extend(store, COLLECTION)).toEqual(['a', 'b', 'c']);
  expect((await store.load(COLLECTION, ['a']))[0]?.body.state).toEqual({ n: 0, ofNewerRelease: { since: 1 } });
});

test('given a store that cannot say which of a bulk won, as MongoDB where one of it lost, then the documents are asked', async () => {
  const unclear = saving(async (writes) => {
    await store.save(COLLECTION, [written('b', 1)]);
    await store.save(COLLECTION, writes);
    return writes.map(() => 'unknown');
  });

  expect(await extend(unclear, COLLECTION)).toEqual(['a', 'c']);
});

test('given what was written and heard of by nobody, when it comes again, then that is known as well', async () => {
  const lost = saving(async (writes) => {
    await store.save(COLLECTION, writes);
    throw new Error('no answer');
  });
  await expect(extend(lost, COLLECTION)).rejects.toThrow('no answer');

  expect(await extend(store, COLLECTION)).toEqual(['a', 'b', 'c']);
});

test('given a document that was deleted for good reasons, then it has nothing to keep', async () => {
  await store.save(COLLECTION, [written('b', 1, null)]);

  expect(await extend(store, COLLECTION)).toEqual(['a', 'c']);
});

/** The store, with another way to save. */
const saving = (save: (writes: readonly Write[]) => Promise<readonly Verdict[]>): Parameters<typeof extend>[0] => ({
  scan: (collection, options) => store.scan(collection, options),
  load: (collection, ids) => store.load(collection, ids),
  save: (_, writes) => save(writes),
});

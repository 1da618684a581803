import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { write } from '../conformance/context.ts';
import { temporaryFolder } from './folder.ts';

const COLLECTION = { name: 'calls', indexes: [] };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = `${folder}/store.db`;
});
afterEach(() => rm(folder, { recursive: true }));

/** Transactions in the WAL: the frames that carry the size of the database after a commit (sqlite.org/fileformat2, 4.1). */
function commits(): number {
  const wal = readFileSync(`${file}-wal`);
  const frame = 24 + wal.readUInt32BE(8);
  let count = 0;
  for (let at = 32; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) count++;
  return count;
}

it('commits saves that come while another is being written together, and one that comes alone at once', async () => {
  const store = await openEmbeddedStore({ file });
  await store.declare([COLLECTION]);
  const before = commits();
  for (let i = 0; i < 5; i++) await store.save('calls', [write(0, `alone${i}`)]);
  expect(commits() - before).toBe(5);

  const saves = Array.from({ length: 1_000 }, (_, i) => store.save('calls', [write(0, `together${i}`)]));
  expect((await Promise.all(saves)).flat().filter((verdict) => verdict === 'won').length).toBe(1_000);
  const together = commits() - before - 5;
  expect(together).toBeGreaterThanOrEqual(1);
  expect(together).toBeLessThan(250);
  await store.close();
});

it('applies the operations of a group in the order of the calls', async () => {
  const store = await openEmbeddedStore({ file });
  await store.declare([COLLECTION]);
  const verdicts = await Promise.all([
    store.save('calls', [write(0, 'a')]),
    store.save('calls', [write(1, 'a')]),
    store.save('calls', [write(1, 'a')]),
    store.delete('calls', ['a']).then(() => 'deleted'),
    store.save('calls', [write(0, 'a')]),
  ]);
  expect(verdicts.flat()).toEqual(['won', 'won', 'lost', 'deleted', 'won']);
  await store.close();
});

it('refuses what its queue has no room for, writes nothing of it, and goes on', async () => {
  const store = await openEmbeddedStore({ file, queueDocumentsMax: 10, queueCharactersMax: 5_000 });
  await store.declare([COLLECTION]);
  const save = (name: string, text = '') =>
    store.save(
      'calls',
      [0, 1, 2, 3].map((i) => write(0, `${name}-${i}`, { text })),
    );
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => save(name)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(outcomes[2]).toMatchObject({ reason: { code: 'STORE_OVERLOADED', kind: 'passing' } });
  expect(await store.count('calls')).toBe(8);

  const wide = await Promise.allSettled([save('e'), save('f', 'x'.repeat(2_000))]);
  expect(wide.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  // Alone it may be larger than the queue: what one call may hold is always taken.
  expect(await save('g', 'x'.repeat(2_000))).toEqual(['won', 'won', 'won', 'won']);
  // What was answered no longer counts.
  expect((await Promise.all([save('h'), save('i')])).flat()).toEqual(Array.from({ length: 8 }, () => 'won'));
  await store.close();
});

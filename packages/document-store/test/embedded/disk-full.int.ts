import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { StoreError } from '../../src/index.ts';
import { write } from '../conformance/context.ts';
import { temporaryFolder } from './folder.ts';

const COLLECTION = { name: 'calls', indexes: [] };
const TEXT = 'x'.repeat(10_000);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = `${folder}/store.db`;
});
afterEach(() => rm(folder, { recursive: true }));

it('says STORE_DISK_FULL to everybody and to onFatal, takes nothing more, and keeps what was called won', async () => {
  const onFatal = vi.fn();
  const store = await openEmbeddedStore({ file, fileBytesMax: 1024 * 1024, onFatal });
  await store.declare([COLLECTION]);
  const won: string[] = [];
  let full: unknown;
  for (let n = 0; full === undefined && n < 1_000; n++) {
    const ids = [`d${n}-a`, `d${n}-b`];
    const saving = store.save(
      'calls',
      ids.map((id) => write(0, id, { text: TEXT })),
    );
    full = await saving.then(
      () => void won.push(...ids),
      (error: unknown) => error,
    );
  }
  expect(full).toBeInstanceOf(StoreError);
  expect(full).toMatchObject({ code: 'STORE_DISK_FULL', kind: 'fatal' });
  expect(won.length).toBeGreaterThan(50);
  expect(onFatal.mock.calls).toEqual([[full]]);
  await expect(store.save('calls', [write(0, 'after')])).rejects.toBe(full);
  await expect(store.load('calls', ['d0-a'])).rejects.toBe(full);
  expect(await store.healthy()).toBe(false);
  await store.close();

  const again = await openEmbeddedStore({ file });
  await again.declare([COLLECTION]);
  expect((await again.load('calls', won)).map((document) => document?.id)).toEqual(won);
  expect(await again.count('calls')).toBe(won.length);
  expect(await again.save('calls', [write(0, 'after')])).toEqual(['won']);
  await again.close();
});

it('tells every save that waits for the same commit', async () => {
  const store = await openEmbeddedStore({ file, fileBytesMax: 512 * 1024 });
  await store.declare([COLLECTION]);
  const saves = Array.from({ length: 200 }, (_, i) => store.save('calls', [write(0, `d${i}`, { text: TEXT })]));
  const outcomes = await Promise.allSettled(saves);
  await store.close();
  const won = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`d${i}`] : []));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORE_DISK_FULL' });
  }
  expect(won.length).toBeLessThan(200);
  const again = await openEmbeddedStore({ file });
  await again.declare([COLLECTION]);
  expect(await again.count('calls')).toBe(won.length);
  await again.close();
});

it('writes nothing of what comes in after the write that failed, though it would fit', async () => {
  const store = await openEmbeddedStore({ file, fileBytesMax: 1024 * 1024 });
  await store.declare([COLLECTION]);
  let failed = false;
  const tooMuch = store.save('calls', [write(0, 'large', { text: 'x'.repeat(8_000_000) })]).catch((error: unknown) => {
    failed = true;
    return error;
  });
  const after: Promise<string>[] = [];
  while (!failed) {
    const saving = store.save('calls', [write(0, `small${after.length}`)]);
    after.push(
      saving.then(
        () => 'stored',
        () => 'refused',
      ),
    );
    await setImmediate();
  }
  expect(await tooMuch).toMatchObject({ code: 'STORE_DISK_FULL' });
  expect(new Set(await Promise.all(after))).toEqual(new Set(['refused']));
  await store.close();
  const again = await openEmbeddedStore({ file });
  await again.declare([COLLECTION]);
  expect(await again.count('calls')).toBe(0);
  await again.close();
});

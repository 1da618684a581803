import { readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { type StoredDocument, StoreError } from '../../src/index.ts';
import { doc } from '../conformance/context.ts';
import { temporaryFolder } from './folder.ts';

const MARKS = { name: 'inbox', indexes: [], marks: true };
const COLLECTION = { name: 'calls', indexes: [{ name: 'by_n', fields: ['n'] }] };
const DOCUMENTS = Array.from({ length: 120 }, (_, n) =>
  doc(`call-${n}`, { n, text: `body ${n} `.repeat(40) }, { wakeAt: n, lane: String(n % 3) }),
);

const SPILLED = Array.from({ length: 50 }, (_, n) => ({
  id: `mark-${String(n).padStart(2, '0')}`,
  seq: n,
  expireAtMs: 1_000 + n,
}));

let folder: string;
let file: string;
let sound: Buffer;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = `${folder}/store.db`;
  const store = await openEmbeddedStore({ file });
  await store.declare([COLLECTION, MARKS]);
  await store.save(
    'calls',
    DOCUMENTS.map((document) => ({ expectedVersion: 0, document })),
  );
  await store.raise('inbox', SPILLED);
  await store.close();
  sound = await readFile(file);
});
afterEach(() => rm(folder, { recursive: true }));

async function damage(at: number, bytes: Uint8Array): Promise<void> {
  const damaged = Buffer.from(sound);
  damaged.set(bytes.subarray(0, damaged.length - at), at);
  await writeFile(file, damaged);
}

it('refuses a file whose beginning is damaged, and one that never was a store', async () => {
  await damage(0, Buffer.alloc(100, 0x5a));
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  await damage(68, Buffer.from([1, 2, 3, 4]));
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_FILE_UNKNOWN' });
  await damage(60, Buffer.from([0, 0, 0, 99]));
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_FILE_UNKNOWN' });
  await writeFile(file, 'not a database, but long enough to be taken for one. '.repeat(100));
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

it('refuses a path that cannot be a file', async () => {
  await expect(openEmbeddedStore({ file: folder })).rejects.toMatchObject({ code: 'STORE_IO_FAILED' });
  await expect(openEmbeddedStore({ file: `${file}/inside/store.db` })).rejects.toMatchObject({
    code: 'STORE_IO_FAILED',
  });
});

it('notices one changed letter in a document, names it, and takes nothing more', async () => {
  // Everywhere: SQLite leaves old copies in the free space of its pages.
  await writeFile(
    file,
    Buffer.from(sound.toString('latin1').replaceAll('"text":"body 17 ', '"text":"Body 17 '), 'latin1'),
  );
  const onFatal = vi.fn();
  const store = await openEmbeddedStore({ file, onFatal });
  await store.declare([COLLECTION, MARKS]);
  expect((await store.load('calls', ['call-16']))[0]?.id).toBe('call-16');
  const failure = store.load('calls', ['call-17']);
  await expect(failure).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('call-17') });
  await expect(store.save('calls', [])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(onFatal).toHaveBeenCalledOnce();
  await store.close();
});

it('never gives back a wrong document, wherever the file is overwritten (property)', async () => {
  const place = fc.integer({ min: 0, max: sound.length - 1 });
  const garbage = fc.uint8Array({ minLength: 1, maxLength: 512 });
  await fc.assert(
    fc.asyncProperty(place, garbage, async (at, bytes) => {
      await damage(at, bytes);
      const complaint = await readAll().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (complaint === undefined) return;
      expect(complaint).toBeInstanceOf(StoreError);
      expect(complaint).toMatchObject({ kind: 'fatal' });
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** Either the documents that were saved, all of them, by every way of reading; or an error. */
async function readAll(): Promise<void> {
  const store = await openEmbeddedStore({ file });
  try {
    await store.declare([COLLECTION, MARKS]);
    const ids = DOCUMENTS.map((document) => document.id);
    const expected = [...DOCUMENTS].sort((a, b) => (a.id < b.id ? -1 : 1));
    const reads: [string, readonly (StoredDocument | undefined)[]][] = [
      ['load', await store.load('calls', ids)],
      ['query', (await store.query('calls', { index: 'by_n', limit: 1_000 })).documents],
      ['due', await store.due('calls', 1_000, 1_000)],
    ];
    for (const [how, found] of reads)
      if (JSON.stringify(found) !== JSON.stringify(DOCUMENTS)) throw new Error(`wrong: ${how}`);
    if (JSON.stringify(await store.scanMarks('inbox')) !== JSON.stringify(SPILLED)) throw new Error('wrong: marks');
    if (JSON.stringify(await store.scan('calls', { limit: 1_000 })) !== JSON.stringify(expected))
      throw new Error('wrong: scan');
  } finally {
    await store.close().catch(() => {});
  }
}

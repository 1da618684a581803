import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { temporaryFolder } from './folder.ts';
import { expectWinsStored, WritingProcess } from './writing-process.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = `${folder}/store.db`;
});
afterEach(() => rm(folder, { recursive: true }));

it('has everything that was called won after kill -9 at any moment, again and again on the same file', async () => {
  const won = new Map<string, number>();
  for (let round = 0; round < 8; round++) {
    const writing = new WritingProcess(file);
    await writing.wins(1 + Math.floor(Math.random() * 1_000));
    await writing.kill();
    for (const [id, version] of writing.won) won.set(id, version);
    await expectWinsStored(file, won);
    await noteStored(won);
  }
  expect(won.size).toBeGreaterThan(0);

  /** What was under way when the process died counts from here on: the next process builds on it. */
  async function noteStored(versions: Map<string, number>): Promise<void> {
    const store = await openEmbeddedStore({ file });
    await store.declare([{ name: 'crash', indexes: [] }]);
    for (const { id, version } of await store.scan('crash')) versions.set(id, version);
    await store.close();
  }
}, 60_000);

it('lets nobody else in while a process has it open, and everybody as soon as that process is dead', async () => {
  const writing = new WritingProcess(file);
  await writing.wins(1);
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_LOCKED', kind: 'fatal' });
  await writing.kill();
  const store = await openEmbeddedStore({ file });
  await expect(openEmbeddedStore({ file })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  expect(await new WritingProcess(file).ended).toEqual({ exitCode: 3, stderr: 'STORE_LOCKED' });
  expect(await store.healthy()).toBe(true);
  await store.close();
}, 60_000);

it('ends with an error when the system refuses to write on, and has everything that was called won', async () => {
  // The system's own bound on file size (512-byte blocks): the WAL meets it in the middle of a write.
  const writing = new WritingProcess(file, 'ulimit -f 4000;');
  const { exitCode, stderr } = await writing.ended;
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^STORE_(IO_FAILED|DISK_FULL)$/);
  expect(writing.won.size).toBeGreaterThan(0);
  await expectWinsStored(file, writing.won);
}, 60_000);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFolder, openEmbeddedLog } from '../../src/embedded/index.ts';
import { newFolder } from '../folders.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const HOLDER = new URL('../children/hold.ts', import.meta.url).pathname;

describe('one file has one log', () => {
  test('a second process is refused at once, and let in when the first was killed', async () => {
    const file = `${folder}/log.sqlite`;
    const child = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const started = performance.now();
    await expect(openEmbeddedLog({ file, clock: Date })).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      message: expect.stringContaining(file),
    });
    expect(performance.now() - started).toBeLessThan(10_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const log = await openEmbeddedLog({ file, clock: Date });
    expect(await log.healthy()).toBe(true);
    await log.close();
  });

  test('a second opening in the same process is refused, until the first is closed', async () => {
    const file = `${folder}/log.sqlite`;
    const first = await openEmbeddedLog({ file, clock: Date });
    await expect(openEmbeddedLog({ file, clock: Date })).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await first.close();
    await (await openEmbeddedLog({ file, clock: Date })).close();
  });
});

describe('lockFolder', () => {
  test('takes a folder that need not exist yet, beside an open log in it', async () => {
    const data = `${folder}/new/data`;
    const lock = lockFolder(data);
    expect(() => lockFolder(`${data}/`)).toThrow(
      expect.objectContaining({ code: 'LOG_LOCKED', message: expect.stringContaining(data) }),
    );
    const log = await openEmbeddedLog({ file: `${data}/log.sqlite`, clock: Date });
    await log.close();
    lock.release();
    lock.release();
    const again = lockFolder(data);
    again.release();
  });

  test('says so when the folder cannot be used', () => {
    writeFileSync(`${folder}/file`, '');
    expect(() => lockFolder(`${folder}/file/data`)).toThrow(
      expect.objectContaining({ code: 'LOG_DISK_FAILED', message: expect.stringContaining(`${folder}/file`) }),
    );
  });
});

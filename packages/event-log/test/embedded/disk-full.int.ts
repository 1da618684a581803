import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../src/embedded/index.ts';
import type { LogError, NewRecord } from '../../src/index.ts';
import { scanAll } from '../conformance/fixtures.ts';
import { newFolder } from '../folders.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const FILLER = new URL('../children/fill-disk.ts', import.meta.url).pathname;
const MOUNT = 'mount -t tmpfs -o size=4m none "$1"';

function batch(): NewRecord[] {
  return Array.from({ length: 100 }, () => ({ topic: 'numbers', key: 'k', headers: {}, value: new Uint8Array(1_000) }));
}

describe('a full disk', () => {
  test('fails the append, reports once, stops everything, and loses nothing that was acknowledged', async () => {
    const file = `${folder}/log.sqlite`;
    const reported: LogError[] = [];
    const log = await openEmbeddedLog({ file, clock: Date, maxPages: 40, onFatal: (error) => reported.push(error) });
    await log.createTopics([{ name: 'numbers', partitions: 1 }]);
    let acknowledged = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        const positions = await log.append(batch());
        acknowledged += positions.length;
      }
    };
    const outcomes = await Promise.allSettled([fill(), fill(), fill()]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'LOG_DISK_FULL', message: expect.stringContaining(file) },
      });
    }
    expect(reported).toMatchObject([{ code: 'LOG_DISK_FULL' }]);
    expect(await log.healthy()).toBe(false);
    await expect(log.append(batch())).rejects.toMatchObject({ code: 'LOG_DISK_FULL' });
    await log.close();

    expect(acknowledged).toBeGreaterThan(0);
    const roomy = await openEmbeddedLog({ file, clock: Date });
    expect(await scanAll(roomy, { topics: ['numbers'], from: 'start' })).toHaveLength(acknowledged);
    expect(await roomy.append(batch())).toMatchObject([{ offset: acknowledged }, ...Array(99).fill({})]);
    await roomy.close();
  });

  test('that is a real one ends the process with its error', ({ skip }) => {
    const mountable = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, 'sh', folder]).status === 0;
    if (!mountable) return skip('no small file system can be mounted here (unshare -rm)');
    const run = `${MOUNT} && "$2" "$3" "$1/log.sqlite"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-rm', 'sh', '-c', run, 'sh', folder, process.execPath, FILLER],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/LOG_DISK_FULL .*no space is left/),
    });
    expect(Number(stdout)).toBeGreaterThan(0);
  });
});

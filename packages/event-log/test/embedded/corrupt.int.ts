import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../src/embedded/index.ts';
import { isLogError, type LogError } from '../../src/index.ts';
import { numbered, scanAll, valuesOf } from '../conformance/fixtures.ts';
import { newFolder } from '../folders.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = newFolder();
  file = `${folder}/log.sqlite`;
});
afterEach(() => rmSync(folder, { recursive: true }));

const COUNT = 3_000;

async function writeLog(): Promise<void> {
  const log = await openEmbeddedLog({ file, clock: Date });
  await log.createTopics([{ name: 'numbers', partitions: 1 }]);
  for (let i = 0; i < COUNT; i += 100) await log.append(numbered('numbers', 'k', i, i + 100));
  await log.close();
}

function overwrite(position: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, position);
  closeSync(handle);
}

describe('a damaged file', () => {
  test('whose head is gone is not opened', async () => {
    await writeLog();
    overwrite(0, new Uint8Array(100).fill(7));
    await expect(openEmbeddedLog({ file, clock: Date })).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(file),
    });
  });

  test('with one changed byte inside a value fails when it is read, and stops the log', async () => {
    await writeLog();
    const content = readFileSync(file);
    const position = content.indexOf('1234'); // a value in the middle of the log
    expect(position).toBeGreaterThan(0);
    overwrite(position, Buffer.from('9'));
    const reported: LogError[] = [];
    const log = await openEmbeddedLog({ file, clock: Date, onFatal: (error) => reported.push(error) });
    const scan = scanAll(log, { topics: ['numbers'], from: 'start' });
    await expect(scan).rejects.toMatchObject({ code: 'LOG_CORRUPT', message: expect.stringContaining('numbers/0') });
    expect(reported).toMatchObject([{ code: 'LOG_CORRUPT' }]);
    expect(await log.healthy()).toBe(false);
    await expect(log.append(numbered('numbers', 'k', 0, 1))).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await log.close();
  });

  test('with a block missing is not skipped over', async () => {
    await writeLog();
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM block WHERE last = 1599');
    database.close();
    const log = await openEmbeddedLog({ file, clock: Date });
    await expect(scanAll(log, { topics: ['numbers'], from: 'start' })).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await log.close();
  });

  test('wherever it is damaged never gives wrong records: the right ones, or an error', async () => {
    await writeLog();
    const whole = readFileSync(file);
    const expected = Array.from({ length: COUNT }, (_, i) => String(i));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length - 65 }),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        async (position, bytes) => {
          writeFileSync(file, whole);
          overwrite(position, bytes);
          try {
            const log = await openEmbeddedLog({ file, clock: Date });
            try {
              expect(valuesOf(await scanAll(log, { topics: ['numbers'], from: 'start' }))).toEqual(expected);
            } finally {
              await log.close();
            }
          } catch (error) {
            if (!isLogError(error)) throw error;
            expect(['LOG_CORRUPT', 'LOG_FORMAT_UNKNOWN']).toContain(error.code);
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a file that is not ours', () => {
  test('is left alone', async () => {
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (a)');
    database.close();
    await expect(openEmbeddedLog({ file, clock: Date })).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  test('because it is of a newer release is left alone', async () => {
    await writeLog();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 2');
    database.close();
    await expect(openEmbeddedLog({ file, clock: Date })).rejects.toMatchObject({ code: 'LOG_FORMAT_UNKNOWN' });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../src/embedded/index.ts';
import { scanAll } from '../conformance/fixtures.ts';
import { newFolder } from '../folders.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const APPENDER = new URL('../children/append-for-ever.ts', import.meta.url).pathname;

/** Runs the appender until it has acknowledged this many numbers, kills it, and returns all it said. */
async function acknowledgedBeforeKill(file: string, first: number, side: number, count: number): Promise<number[]> {
  const child = spawn(process.execPath, [APPENDER, file, String(first), String(side)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    acknowledged.push(Number(line));
    if (acknowledged.length === count) child.kill('SIGKILL');
  });
  await Promise.all([once(lines, 'close'), once(child, 'exit')]);
  return acknowledged;
}

describe('kill -9', () => {
  test('at any moment loses nothing that was acknowledged, again and again on one file', async () => {
    const file = `${folder}/log.sqlite`;
    const acknowledged = new Set<number>();
    for (let round = 0; round < 6; round++) {
      const count = 1 + Math.floor(Math.random() * 4_000);
      const said = await acknowledgedBeforeKill(file, round * 1_000_000, 1 + round * 3, count);
      expect(said.length).toBeGreaterThanOrEqual(count);
      for (const number of said) acknowledged.add(number);

      const log = await openEmbeddedLog({ file, clock: Date });
      const found = await scanAll(log, { topics: ['numbers'], from: 'start' });
      const keys = new Set(found.map((one) => Number(one.key)));
      expect([...acknowledged].filter((number) => !keys.has(number))).toEqual([]);
      for (const { partition, first, next } of await log.watermarks(['numbers'])) {
        const offsets = found.filter((one) => one.partition === partition).map((one) => one.offset);
        expect(offsets).toEqual(Array.from({ length: next - first }, (_, i) => first + i));
      }
      await log.close();
    }
  });
});

describe('durability', () => {
  test('asks the system to put each acknowledged append on the disk, as power loss demands', async () => {
    // That fsync is called can only be seen from outside; that SQLite is told to is what is ours to get right.
    const { openForWriting } = await import('../../src/embedded/schema.ts');
    const database: DatabaseSync = openForWriting({ file: `${folder}/log.sqlite` });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    database.close();
  });
});

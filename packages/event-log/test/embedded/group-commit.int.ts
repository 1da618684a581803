import { rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PartitionState } from '../../src/core/storage.ts';
import { openEmbeddedLog } from '../../src/embedded/index.ts';
import { Writer } from '../../src/embedded/writer.ts';
import { Collector, commitAll, numbered } from '../conformance/fixtures.ts';
import { newFolder } from '../folders.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = newFolder();
  file = `${folder}/log.sqlite`;
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('group commit', () => {
  test('puts what is appended while others are written into few transactions', async () => {
    const posted = vi.spyOn((await import('node:worker_threads')).Worker.prototype, 'postMessage');
    const log = await openEmbeddedLog({ file, clock: Date });
    await log.createTopics([{ name: 'numbers', partitions: 1 }]);
    posted.mockClear();
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append(numbered('numbers', 'k', i, i + 1))));
    expect(posted.mock.calls.length).toBeLessThanOrEqual(3);
    posted.mockRestore();
    await log.close();
  });

  test('takes what consumers commit along with the next append, not in its way', async () => {
    const log = await openEmbeddedLog({ file, clock: Date });
    await log.createTopics([{ name: 'numbers', partitions: 4 }]);
    const seen = new Collector();
    await log.consume({ group: 'g', topics: ['numbers'] }, seen.handle);
    const posted = vi.spyOn((await import('node:worker_threads')).Worker.prototype, 'postMessage');
    for (let i = 0; i < 200; i++) await log.append(numbered('numbers', `k${i}`, i, i + 1));
    await vi.waitFor(() => expect(seen.records).toHaveLength(200));
    // An idle moment now and then, as the machine likes; one for each append would make 400.
    expect(posted.mock.calls.length).toBeGreaterThanOrEqual(200);
    expect(posted.mock.calls.length).toBeLessThan(350);
    posted.mockRestore();
    await log.close();
  });

  test('refuses more than the queue holds, having taken nothing, and takes more when there is room', async () => {
    const log = await openEmbeddedLog({ file, clock: Date, queueRecordsMax: 250 });
    await log.createTopics([{ name: 'numbers', partitions: 1 }]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => log.append(numbered('numbers', 'k', 0, 100))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(outcomes[4]).toMatchObject({ reason: { code: 'LOG_OVERLOADED' } });
    expect(await log.append(numbered('numbers', 'k', 0, 1))).toMatchObject([{ offset: 200 }]);
    await log.close();
  });

  test('refuses by bytes too, but always takes one append', async () => {
    const log = await openEmbeddedLog({ file, clock: Date, queueBytesMax: 10 });
    await log.createTopics([{ name: 'numbers', partitions: 1 }]);
    const [first, second] = await Promise.allSettled([
      log.append(numbered('numbers', 'k', 0, 100)),
      log.append(numbered('numbers', 'k', 0, 100)),
    ]);
    expect([first.status, second]).toMatchObject(['fulfilled', { reason: { code: 'LOG_OVERLOADED' } }]);
    await log.close();
  });

  test('keeps the commits of consumers without being asked to, so that a crash costs little', async () => {
    const log = await openEmbeddedLog({ file, clock: Date });
    await log.createTopics([{ name: 'numbers', partitions: 1 }]);
    await log.append(numbered('numbers', 'k', 0, 10));
    const seen = new Collector();
    await log.consume({ group: 'g', topics: ['numbers'] }, seen.handle);
    // As another process would see it, without closing.
    const reader = new DatabaseSync(file, { readOnly: true });
    await vi.waitFor(() => expect(reader.prepare('SELECT next FROM group_offset').get()).toEqual({ next: 10 }));
    reader.close();
    await log.close();
  });

  test('keeps the journal small although consumers read all the time', async () => {
    const log = await openEmbeddedLog({ file, clock: Date, durability: 'process-crash' });
    await log.createTopics([{ name: 'numbers', partitions: 4 }]);
    await log.consume({ group: 'g', topics: ['numbers'] }, commitAll);
    const value = new Uint8Array(100_000);
    for (let i = 0; i < 40; i++) {
      await log.append(
        Array.from({ length: 40 }, (_, k) => ({ topic: 'numbers', key: String(k), headers: {}, value })),
      );
    }
    expect(statSync(`${file}-wal`).size).toBeLessThan(80 * 1024 * 1024); // 160 MB were written
    await log.close();
  });
});

describe('the writing thread', () => {
  test('that dies takes the log with it, and nobody waits for ever', async () => {
    const reported: unknown[] = [];
    const writer = await Writer.open({
      file,
      durability: 'power-loss',
      queueRecordsMax: 10,
      queueBytesMax: 10_000,
      latestMs: new Map(),
      onFatal: (error) => reported.push(error),
    });
    const partition = new PartitionState('numbers', 0, 0, 0, 0);
    const slice = { partition, base: 0, records: numbered('numbers', 'k', 0, 1), bytes: 2, nowMs: 0 };
    await writer.append([slice]);
    const twice = writer.append([slice]); // the same offset again breaks a constraint: no bug of ours may pass as written
    const after = writer.execute([['trim', 0, 0]]);
    await expect(twice).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await expect(after).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    expect(reported).toHaveLength(1);
    await writer.close();
  });
});

/** The embedded log through its port, against what its file could take at best: the same rows in the same batches, by bare SQLite. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventLog, NewRecord } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import type { MeasureSpec, Settings } from '../measure.ts';

const BATCH_RECORDS = 500;
const VALUE_BYTES = 500;
const PARTITIONS = 12;
const START_MS = 1_767_225_600_000;
/** As services do: several appends under way at once, which the log gathers into one transaction. */
const SIDE_BY_SIDE = 4;

const value = Buffer.alloc(VALUE_BYTES, 'A');
const headers = {
  ce_specversion: Buffer.from('1.0'),
  ce_id: Buffer.from('0b4f7d5e-6f44-5a53-9d0a-2f8e3c1b7a90'),
  ce_type: Buffer.from('call.completed'),
  ce_source: Buffer.from('/call-ingest'),
  ce_time: Buffer.from('2026-01-01T00:00:00.000Z'),
  'content-type': Buffer.from('application/json'),
};
const records: readonly NewRecord[] = Array.from({ length: BATCH_RECORDS }, (_, i) => ({
  topic: 'bench',
  key: `agent-${i * 7919}`,
  headers,
  value,
}));

/** One row per record, so many batches in a transaction, each transaction on the disk before the next one begins. Ms. */
function rawRows(file: string, batches: number, together: number): number {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE record (id INTEGER PRIMARY KEY, at INTEGER, key TEXT, headers BLOB, value BLOB)');
  const insert = database.prepare('INSERT INTO record (at, key, headers, value) VALUES (?, ?, ?, ?)');
  const packed = Buffer.concat(Object.entries(headers).flatMap(([name, bytes]) => [Buffer.from(name), bytes]));
  const startMs = performance.now();
  for (let i = 0; i < batches; i += together) {
    database.exec('BEGIN');
    for (let n = 0; n < together; n++)
      for (const record of records) insert.run(START_MS, record.key, packed, record.value);
    database.exec('COMMIT');
  }
  const ms = performance.now() - startMs;
  database.close();
  return ms;
}

async function throughPort(file: string, batches: number, sideBySide: number): Promise<number> {
  const log = await openEmbeddedLog({ file, clock: Date });
  await log.createTopics([{ name: 'bench', partitions: PARTITIONS }]);
  const startMs = performance.now();
  const consumed = consumeAll(log, batches * BATCH_RECORDS);
  let left = batches;
  const produce = async (): Promise<void> => {
    while (left-- > 0) await log.append(records);
  };
  await Promise.all(Array.from({ length: sideBySide }, produce));
  await consumed;
  const ms = performance.now() - startMs;
  await log.close();
  return ms;
}

async function consumeAll(log: EventLog, total: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  await log.consume({ group: 'bench', topics: ['bench'] }, async ({ records: read }, context) => {
    seen += read.length;
    await context.commit((read.at(-1)?.offset ?? 0) + 1);
    if (seen === total) resolve();
  });
  await promise;
}

async function round({ quick, folder }: Settings) {
  const batches = quick ? 40 : 600;
  const perSecond = (ms: number) => (batches * BATCH_RECORDS * 1_000) / ms;
  return {
    raw: perSecond(rawRows(join(folder, 'raw.sqlite'), batches, 1)),
    rawFour: perSecond(rawRows(join(folder, 'raw-four.sqlite'), batches, SIDE_BY_SIDE)),
    one: perSecond(await throughPort(join(folder, 'one.sqlite'), batches, 1)),
    four: perSecond(await throughPort(join(folder, 'four.sqlite'), batches, SIDE_BY_SIDE)),
  };
}

export const log: MeasureSpec = {
  name: 'log',
  title: 'Embedded log: append and consume',
  rounds: 5,
  rows: [
    { key: 'raw', name: 'bare node:sqlite, a batch in a transaction', unit: 'records/s' },
    {
      key: 'one',
      name: 'append + consume, 1 batch at a time',
      unit: 'records/s',
      over: 'raw',
      goal: { atLeast: 0.8, of: 'ratio' },
    },
    { key: 'rawFour', name: `bare node:sqlite, ${SIDE_BY_SIDE} batches in a transaction`, unit: 'records/s' },
    {
      key: 'four',
      name: `append + consume, ${SIDE_BY_SIDE} batches side by side`,
      unit: 'records/s',
      over: 'rawFour',
      goal: { atLeast: 0.8, of: 'ratio' },
    },
  ],
  round,
};

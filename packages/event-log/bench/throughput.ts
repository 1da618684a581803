/**
 * Append and consume through the port against raw node:sqlite inserts of the same rows in the same batches, fsync on in
 * both. Run: node bench/throughput.ts [batches] [rounds]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedLog } from '../src/embedded/index.ts';
import type { EventLog, NewRecord } from '../src/index.ts';

const BATCHES = Number(process.argv[2] ?? 400);
const ROUNDS = Number(process.argv[3] ?? 5);
const BATCH_RECORDS = 500;
const VALUE_BYTES = 500;
const PARTITIONS = 12;
const TOTAL = BATCHES * BATCH_RECORDS;

const folder = mkdtempSync(join(tmpdir(), 'event-log-bench-'));
const value = new Uint8Array(VALUE_BYTES).fill(65);
const text = new TextEncoder();
const headers = {
  ce_id: text.encode('0b4f7d5e-6f44-5a53-9d0a-2f8e3c1b7a90'),
  ce_type: text.encode('call.completed'),
  ce_source: text.encode('/call-ingest'),
  ce_time: text.encode('2026-01-01T00:00:00.000Z'),
  ce_specversion: text.encode('1.0'),
  'content-type': text.encode('application/json'),
};

function batch(): NewRecord[] {
  return Array.from({ length: BATCH_RECORDS }, (_, i) => ({
    topic: 'bench',
    key: `agent-${i * 7919}`,
    headers,
    value,
  }));
}

function raw(): number {
  const database = new DatabaseSync(join(folder, 'raw.sqlite'));
  database.exec(
    'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000',
  );
  database.exec('CREATE TABLE record (id INTEGER PRIMARY KEY, at INTEGER, key TEXT, headers BLOB, value BLOB)');
  const insert = database.prepare('INSERT INTO record (at, key, headers, value) VALUES (?, ?, ?, ?)');
  const packed = Buffer.concat(Object.entries(headers).flatMap(([name, bytes]) => [text.encode(name), bytes]));
  const records = batch();
  const started = performance.now();
  for (let i = 0; i < BATCHES; i++) {
    database.exec('BEGIN');
    for (const record of records) insert.run(1_767_225_600_000, record.key, packed, record.value);
    database.exec('COMMIT');
  }
  const ms = performance.now() - started;
  database.close();
  return ms;
}

/** Appends with some batches under way at once, as services do, and reads all of it in one group at the same time. */
async function throughPort(side: number, withConsumer: boolean): Promise<number> {
  const log = await openEmbeddedLog({ file: join(folder, `port-${side}-${withConsumer}.sqlite`), clock: Date });
  await log.createTopics([{ name: 'bench', partitions: PARTITIONS }]);
  const records = batch();
  const consumed = withConsumer ? consumeAll(log) : Promise.resolve();
  const started = performance.now();
  let left = BATCHES;
  const produce = async (): Promise<void> => {
    while (left-- > 0) await log.append(records);
  };
  await Promise.all(Array.from({ length: side }, produce));
  await consumed;
  const ms = performance.now() - started;
  await log.close();
  return ms;
}

async function consumeAll(log: EventLog): Promise<void> {
  let seen = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  await log.consume({ group: 'bench', topics: ['bench'] }, async ({ records }, context) => {
    seen += records.length;
    await context.commit((records.at(-1)?.offset ?? 0) + 1);
    if (seen === TOTAL) resolve();
  });
  await promise;
}

const VARIANTS: Readonly<Record<string, () => number | Promise<number>>> = {
  [`raw inserts, batches of ${BATCH_RECORDS} x ${VALUE_BYTES} bytes`]: raw,
  'append, 1 batch at a time': () => throughPort(1, false),
  'append + consume, 1 batch at a time': () => throughPort(1, true),
  'append, 4 batches side by side': () => throughPort(4, false),
  'append + consume, 4 batches side by side': () => throughPort(4, true),
};

/** Rounds take turns, so that a disk that gets slower or faster does so for all; the median is reported. */
const times = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(VARIANTS)) {
    times.set(name, [...(times.get(name) ?? []), await run()]);
    for (const file of readdirSync(folder)) rmSync(join(folder, file));
  }
}
rmSync(folder, { recursive: true });

const medians = [...times].map(([name, all]): [string, number] => [name, all.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0]);
const rawMs = medians[0]?.[1] ?? 0;
for (const [name, ms] of medians) {
  const rate = Math.round((TOTAL / ms) * 1000).toLocaleString('en');
  console.log(`${name.padEnd(44)} ${rate.padStart(10)} records/s   ${(rawMs / ms).toFixed(2)} of raw`);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEmbeddedStore } from '../src/embedded/index.ts';
import type { DocumentStore } from '../src/index.ts';
import { indexKey } from '../src/index-keys.ts';
import { createMemoryStore } from '../src/memory/index.ts';
import { COLLECTION, COUNT, type Cost, documents, IDS, measure, writes } from './documents.ts';

/**
 * `node bench/store.ts`: guarded bulk saves, loads and timers of the adapters, beside the same statements on a bare
 * node:sqlite connection. All figures are milliseconds per call of 500 documents of 2 KB, unless the name says otherwise.
 */

const ROUNDS = 100;
const folder = mkdtempSync(join(tmpdir(), 'document-store-bench-'));

async function store(name: string, open: () => Promise<DocumentStore>): Promise<void> {
  const documentStore = await open();
  await documentStore.declare([COLLECTION]);
  let version = 0;
  const next = () => documentStore.save(COLLECTION.name, writes(++version));

  report(name, 'save, one bulk at a time', await measure(ROUNDS, next));
  const four = await measure(ROUNDS / 4, () => Promise.all([next(), next(), next(), next()]));
  report(name, 'save, 4 bulks under way (all 4)', four);
  report(name, 'load', await measure(ROUNDS, () => documentStore.load(COLLECTION.name, IDS)));
  report(
    name,
    'due, 100 of 500, all lanes',
    await measure(ROUNDS, () => documentStore.due(COLLECTION.name, 2e12, 100)),
  );
  report(name, 'due, none', await measure(ROUNDS, () => documentStore.due(COLLECTION.name, 0, 100)));
  const query = { index: 'by_agent', equals: ['agent-7'], limit: 10 };
  report(name, 'query, page of 10', await measure(ROUNDS, () => documentStore.query(COLLECTION.name, query)));
  const one = { ...COLLECTION, name: 'single' };
  await documentStore.declare([one]);
  const [first] = documents(1);
  const single = (n: number) =>
    first && documentStore.save(one.name, [{ expectedVersion: 0, document: { ...first, id: `s${n}` } }]);
  report(name, 'save of one document', await measure(ROUNDS, single));
  await documentStore.close();
}

/** The same table and statements, without a thread, checks, checksums or verdicts. */
async function bare(): Promise<void> {
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
    CREATE TABLE d (id TEXT NOT NULL PRIMARY KEY, version INTEGER, wake_at INTEGER, lane TEXT, a TEXT, b TEXT, body TEXT);
    CREATE INDEX a ON d (a) WHERE a IS NOT NULL; CREATE INDEX b ON d (b) WHERE b IS NOT NULL;
    CREATE INDEX t ON d (lane, wake_at, id) WHERE wake_at IS NOT NULL`);
  const insert = db.prepare('INSERT INTO d VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING');
  const update = db.prepare(
    'UPDATE d SET version = ?2 + 1, wake_at = ?3, lane = ?4, a = ?5, b = ?6, body = ?7 WHERE id = ?1 AND version = ?2',
  );
  const save = (round: number) => {
    db.exec('BEGIN IMMEDIATE');
    for (const { id, wakeAt, lane, body } of documents(round + 1)) {
      const [a = null, b = null] = COLLECTION.indexes.map((index) => indexKey(index, id, body));
      (round === 0 ? insert : update).run(id, round, wakeAt, lane, a, b, JSON.stringify(body));
    }
    db.exec('COMMIT');
  };
  report('bare node:sqlite', 'save, one bulk at a time', await measure(ROUNDS, save));
  const load = db.prepare(
    'SELECT id, version, wake_at, lane, body FROM d WHERE id IN (SELECT value FROM json_each(?))',
  );
  const ids = JSON.stringify(IDS);
  const read = () => load.all(ids).map((row) => JSON.parse(String(row.body)));
  report('bare node:sqlite', 'load', await measure(ROUNDS, read));
  db.close();
}

function report(adapter: string, what: string, { wallMs, threadMs, processMs }: Cost): void {
  const figures = [wallMs, threadMs, processMs].map((ms) => ms.toFixed(3).padStart(10));
  console.log(`${adapter.padEnd(24)}${what.padEnd(32)}${figures.join('')}`);
}

const bytes = documents(1).reduce((sum, { body }) => sum + JSON.stringify(body).length, 0);
console.log(`${COUNT} documents of ${Math.round(bytes / COUNT)} bytes, ${ROUNDS} rounds, node ${process.version}`);
console.log(`${' '.repeat(56)}   wall ms thread CPU   all CPU`);
await bare();
await store('embedded', () => openEmbeddedStore({ file: join(folder, 'full.db') }));
await store('embedded, process-crash', () =>
  openEmbeddedStore({ file: join(folder, 'normal.db'), durability: 'process-crash' }),
);
await store('memory', async () => createMemoryStore());
rmSync(folder, { recursive: true });

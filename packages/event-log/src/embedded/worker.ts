import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { INDEX } from './codec.ts';
import { faultOf } from './faults.ts';
import type { TransactionMessage, WorkerData, WorkerMessage } from './protocol.ts';
import { checksum, openForWriting, PAGE_BYTES, STATEMENTS, type StatementName } from './schema.ts';

/**
 * How much is written to the journal before it is copied into the file. We do this ourselves, and wait for the reader:
 * SQLite's automatic checkpoint gives up when it meets one, and then tries again, with fsyncs, at every commit.
 */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;
/** A small transaction writes whole pages: its blocks' own, those of the index, those of its other rows. */
const PAGES_PER_BLOCK = 2;
const PAGES_OF_STATEMENTS_MAX = 8;

/** The one writer: a thread of its own, so that no fsync ever blocks the thread that serves requests. */
function run(port: NonNullable<typeof parentPort>, settings: WorkerData): void {
  const database = openForWriting(settings);
  const insertBlock = database.prepare(STATEMENTS.block);
  const prepared = new Map<StatementName, StatementSync>();
  const prepare = (name: StatementName): StatementSync => {
    const statement = prepared.get(name) ?? database.prepare(STATEMENTS[name]);
    prepared.set(name, statement);
    return statement;
  };
  let synced = true;
  let journalBytes = 0;
  let broken = false;

  const write = (message: TransactionMessage): void => {
    if (message.synced !== synced) {
      synced = message.synced;
      database.exec(`PRAGMA synchronous = ${synced ? 'FULL' : 'NORMAL'}`);
    }
    database.exec('BEGIN IMMEDIATE');
    insertBlocks(insertBlock, message);
    for (const [name, ...values] of message.statements) {
      if (name === 'removeGroup' || name === 'removeBlocks') prepare(name).run(...values);
      else prepare(name).run(...values, checksum(values));
    }
    database.exec('COMMIT');
    const blocks = message.index.length / INDEX.width;
    const pages = blocks * PAGES_PER_BLOCK + Math.min(message.statements.length, PAGES_OF_STATEMENTS_MAX) + 1;
    journalBytes += (message.index.at(INDEX.end - INDEX.width) ?? 0) + pages * PAGE_BYTES;
  };

  port.on('message', (message: TransactionMessage | 'close') => {
    if (message === 'close') {
      database.close();
      port.close();
      return;
    }
    if (broken) return; // what follows a lost transaction must not be written: its offsets would leave a gap
    try {
      write(message);
      post(port, { kind: 'committed', buffer: message.buffer }, message.buffer);
      if (journalBytes > CHECKPOINT_BYTES) {
        database.exec('PRAGMA wal_checkpoint(RESTART)');
        journalBytes = 0;
      }
    } catch (error) {
      broken = true;
      rollBack(database);
      post(port, { kind: 'failed', fault: faultOf(error) });
    }
  });
  post(port, { kind: 'ready' });
}

function insertBlocks(insert: StatementSync, { buffer, index }: TransactionMessage): void {
  for (let i = 0; i < index.length; i += INDEX.width) {
    const start = at(index, i + INDEX.start);
    const body = new Uint8Array(buffer, start, at(index, i + INDEX.end) - start);
    const shard = at(index, i + INDEX.shard);
    const columns = [shard, at(index, i + INDEX.last), at(index, i + INDEX.count), at(index, i + INDEX.latestMs)];
    insert.run(...columns, body, checksum(columns, body));
  }
}

function at(index: readonly number[], i: number): number {
  const value = index[i];
  if (value === undefined) throw new RangeError('A block of the transaction is incomplete');
  return value;
}

function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}

function post(port: NonNullable<typeof parentPort>, message: WorkerMessage, ...transfer: ArrayBuffer[]): void {
  port.postMessage(message, transfer);
}

if (parentPort !== null) {
  try {
    run(parentPort, workerData as WorkerData); // given by writer.ts, which starts this file
  } catch (error) {
    post(parentPort, { kind: 'failed', fault: faultOf(error) });
  }
}

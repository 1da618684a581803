import { Worker } from 'node:worker_threads';
import type { Slice } from '../core/storage.ts';
import { LogError } from '../errors.ts';
import { BlockWriter } from './codec.ts';
import { faultError, logErrorOf } from './faults.ts';
import type { Statement, TransactionMessage, WorkerData, WorkerMessage } from './protocol.ts';

export interface WriterOptions extends WorkerData {
  readonly durability: 'power-loss' | 'process-crash';
  /** Most that may wait to be written; beyond it appends are refused. */
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
  /** The greatest time of each shard, to be kept up to date. */
  readonly latestMs: Map<number, number>;
  readonly onFatal: (error: LogError) => void;
}

/** A transaction takes no more once it has this size, so that its latency is bounded. */
const TRANSACTION_BYTES = 8 * 1024 * 1024;
/** One is being written, the next one is there already: the thread never waits for the main one. */
const UNDER_WAY_MAX = 2;
/** How long offsets wait for something that they can be written with. A transaction of their own would be in the way of the next append. */
const HINTS_WAIT_MS = 20;
/** Larger buffers are not kept for the next transaction. */
const BUFFER_BYTES_KEPT = 16 * 1024 * 1024;

interface Transaction {
  readonly blocks: BlockWriter;
  readonly statements: Statement[];
  records: number;
  bytes: number;
  readonly settled: PromiseWithResolvers<void>;
}

/**
 * The main thread's side of the one writer. While transactions are under way, all that comes in gathers in the next one:
 * one fsync for all of it, and the busier it gets the more they share. Any failure is final: what was acknowledged is in
 * the file, and everything else is refused until the log is opened again.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #queue: Transaction[] = [];
  /** Offsets of groups that changed since they were last written, by group, topic and partition. */
  readonly #hints = new Map<string, Statement>();
  readonly #spareBuffers: ArrayBuffer[] = [];
  /** Sent to the thread, oldest first. */
  readonly #underWay: Transaction[] = [];
  #hintsTimer: NodeJS.Timeout | undefined;
  #progressAt = 0;
  #scheduled = false;
  #queuedRecords = 0;
  #queuedBytes = 0;
  #failure: LogError | undefined;
  #idle: (() => void) | undefined;

  private constructor(worker: Worker, options: WriterOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on('message', (message: WorkerMessage) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#fail(new Error(`the writing thread ended with code ${code}`));
        resolve();
      });
    });
  }

  /** Starts the thread, which opens the file or makes it. */
  static async open(options: WriterOptions): Promise<Writer> {
    const { file, maxPages } = options;
    const workerData: WorkerData = maxPages === undefined ? { file } : { file, maxPages };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    const answer = await new Promise<WorkerMessage>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (answer.kind === 'ready') return new Writer(worker, options);
    await worker.terminate();
    throw answer.kind === 'failed'
      ? faultError(answer.fault, file)
      : new LogError('LOG_UNAVAILABLE', `${file} did not open`);
  }

  get failure(): LogError | undefined {
    return this.#failure;
  }

  /** For how long the thread has had work and finished none, in ms of real time. */
  get stalledMs(): number {
    return this.#underWay.length === 0 ? 0 : performance.now() - this.#progressAt;
  }

  append(slices: readonly Slice[]): Promise<void> {
    const records = slices.reduce((sum, slice) => sum + slice.records.length, 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    this.#assertRoom(records, bytes);
    const transaction = this.#gathering();
    const { latestMs } = this.#options;
    for (const slice of slices) {
      const { shard } = slice.partition;
      latestMs.set(shard, transaction.blocks.add(slice, latestMs.get(shard) ?? 0));
    }
    transaction.records += records;
    transaction.bytes += bytes;
    this.#queuedRecords += records;
    this.#queuedBytes += bytes;
    return transaction.settled.promise;
  }

  execute(statements: readonly Statement[]): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const transaction = this.#gathering();
    transaction.statements.push(...statements);
    return transaction.settled.promise;
  }

  /** Written with the next transaction, or by itself, without an fsync, when there is none for a while. A later one replaces it. */
  hint(id: string, statement: Statement): void {
    this.#hints.set(id, statement);
    this.#hintsTimer ??= setTimeout(() => this.#sendHints(), HINTS_WAIT_MS);
  }

  /** Drops what waits of a group: something newer is about to be written. */
  forget(group: string): void {
    for (const [id, [, ofGroup]] of this.#hints) if (ofGroup === group) this.#hints.delete(id);
  }

  /** Writes what waits, then ends the thread. */
  async close(): Promise<void> {
    if (this.#failure === undefined && this.#busy()) {
      this.#sendHints();
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    clearTimeout(this.#hintsTimer);
    this.#failure ??= new LogError('LOG_CLOSED', 'The log was closed');
    this.#worker.postMessage('close');
    await this.#exited;
  }

  #assertRoom(records: number, bytes: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    const { queueRecordsMax, queueBytesMax } = this.#options;
    if (this.#queuedRecords === 0) return; // one append always fits: it has bounds of its own
    if (this.#queuedRecords + records <= queueRecordsMax && this.#queuedBytes + bytes <= queueBytesMax) return;
    throw new LogError(
      'LOG_OVERLOADED',
      `${this.#queuedRecords} records (${this.#queuedBytes} bytes) are waiting to be written`,
    );
  }

  #gathering(): Transaction {
    const last = this.#queue.at(-1);
    if (last !== undefined && last.bytes < TRANSACTION_BYTES) return last;
    const transaction = this.#newTransaction();
    this.#queue.push(transaction);
    this.#schedule();
    return transaction;
  }

  #newTransaction(): Transaction {
    const blocks = new BlockWriter(this.#spareBuffers.pop());
    const settled = Promise.withResolvers<void>();
    settled.promise.catch(() => undefined); // hints alone have nobody who waits for them
    return { blocks, statements: [], records: 0, bytes: 0, settled };
  }

  #busy(): boolean {
    return this.#underWay.length > 0 || this.#queue.length > 0 || this.#hints.size > 0;
  }

  /** At the end of this turn, so that what is appended side by side goes together. */
  #schedule(): void {
    if (this.#scheduled || !this.#maySend()) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #maySend(): boolean {
    return this.#failure === undefined && this.#underWay.length < UNDER_WAY_MAX && this.#queue.length > 0;
  }

  #send(): void {
    if (!this.#maySend()) return;
    const transaction = this.#queue.shift();
    if (transaction !== undefined) this.#post(transaction, this.#options.durability === 'power-loss');
  }

  /** By themselves, unless something is under way: what comes after that may take them along. */
  #sendHints(): void {
    clearTimeout(this.#hintsTimer);
    this.#hintsTimer = undefined;
    if (this.#hints.size === 0 || this.#failure !== undefined) return;
    if (this.#underWay.length === 0 && this.#queue.length === 0) this.#post(this.#newTransaction(), false);
    else this.#hintsTimer = setTimeout(() => this.#sendHints(), HINTS_WAIT_MS);
  }

  #post(transaction: Transaction, synced: boolean): void {
    const statements = [...transaction.statements, ...this.#hints.values()];
    this.#hints.clear();
    if (this.#underWay.length === 0) this.#progressAt = performance.now();
    this.#underWay.push(transaction);
    const { buffer, index } = transaction.blocks;
    const message: TransactionMessage = { buffer, index, statements, synced };
    this.#worker.postMessage(message, [buffer]);
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === 'failed') {
      this.#fail(faultError(message.fault, this.#options.file));
      return;
    }
    if (message.kind !== 'committed') return;
    const transaction = this.#underWay.shift();
    if (transaction === undefined) return;
    this.#keep(message.buffer);
    this.#progressAt = performance.now();
    this.#queuedRecords -= transaction.records;
    this.#queuedBytes -= transaction.bytes;
    this.#send();
    transaction.settled.resolve();
    if (!this.#busy()) this.#idle?.();
  }

  /** Large buffers are dear to allocate, so they come back for the next transactions. */
  #keep(buffer: ArrayBuffer): void {
    if (buffer.byteLength <= BUFFER_BYTES_KEPT && this.#spareBuffers.length <= UNDER_WAY_MAX)
      this.#spareBuffers.push(buffer);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    const failure = logErrorOf(error, this.#options.file);
    this.#failure = failure;
    for (const { settled } of [...this.#underWay, ...this.#queue]) settled.reject(failure);
    this.#underWay.length = 0;
    this.#idle?.();
    this.#options.onFatal(failure);
  }
}

import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import type { Failure } from './failure.ts';
import { type EmbeddedStoreOptions, QUEUE_CHARACTERS_MAX, QUEUE_DOCUMENTS_MAX } from './options.ts';
import type { FromWriter, Operation, Result, WriterSettings } from './protocol.ts';

interface Waiting {
  readonly documents: number;
  readonly characters: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: StoreError) => void;
}

/** The calling side of the writer thread: a bounded queue of operations that wait for their commit. */
export class Writer {
  readonly #worker: Worker;
  readonly #documentsMax: number;
  readonly #charactersMax: number;
  readonly #failure: Failure;
  readonly #exited: Promise<void>;
  /** In the order in which they were sent, which is the order of the answers. */
  #waiting: Waiting[] = [];
  #documents = 0;
  #characters = 0;
  #closing = false;

  private constructor(worker: Worker, options: EmbeddedStoreOptions, failure: Failure) {
    this.#worker = worker;
    this.#documentsMax = options.queueDocumentsMax ?? QUEUE_DOCUMENTS_MAX;
    this.#charactersMax = options.queueCharactersMax ?? QUEUE_CHARACTERS_MAX;
    this.#failure = failure;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromWriter) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => {
      if (!this.#closing) this.#fail(new StoreError('STORE_IO_FAILED', 'The writer thread ended.'));
    });
  }

  /** Starts the thread; resolves when it has opened the file. */
  static async open(options: EmbeddedStoreOptions, failure: Failure): Promise<Writer> {
    const { file, durability = 'power-loss', fileBytesMax = null } = options;
    const settings: WriterSettings = { file, durability, fileBytesMax };
    const worker = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: settings });
    const ready = await new Promise<FromWriter>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (ready.kind === 'fatal') {
      await worker.terminate();
      throw new StoreError(ready.code, ready.detail);
    }
    worker.unref();
    return new Writer(worker, options, failure);
  }

  /** Resolves after COMMIT. Throws `STORE_OVERLOADED`, with nothing sent, when too much is waiting already. */
  async send(operation: Operation, documents = 0, characters = 0): Promise<Result> {
    this.#failure.check();
    this.#checkRoom(documents, characters);
    // Without work the thread does not keep the process alive; with work it must.
    if (this.#waiting.length === 0) this.#worker.ref();
    this.#worker.postMessage(operation);
    this.#documents += documents;
    this.#characters += characters;
    const result = await new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ documents, characters, resolve, reject });
    });
    if (result.kind === 'refused') throw new StoreError(result.code, result.detail);
    return result;
  }

  /** Commits what is waiting, closes the file and ends the thread. */
  async close(): Promise<void> {
    this.#closing = true;
    try {
      if (!this.#failure.error) await this.send({ kind: 'close' });
    } finally {
      // Unreferenced, it would let the process end before it has.
      this.#worker.ref();
      if (this.#failure.error) await this.#worker.terminate();
      await this.#exited;
    }
  }

  #checkRoom(documents: number, characters: number): void {
    // An empty queue takes anything that the bounds of one call let pass.
    if (this.#waiting.length === 0 || documents === 0) return;
    if (this.#documents + documents <= this.#documentsMax && this.#characters + characters <= this.#charactersMax)
      return;
    const what = `${this.#documents} documents with ${this.#characters} characters`;
    throw new StoreError('STORE_OVERLOADED', `${what} wait to be written.`);
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'fatal') this.#fail(new StoreError(message.code, message.detail));
    if (message.kind !== 'committed') return;
    const answered = this.#waiting.splice(0, message.results.length);
    for (const [i, result] of message.results.entries()) {
      const operation = answered[i];
      if (!operation) continue;
      this.#documents -= operation.documents;
      this.#characters -= operation.characters;
      operation.resolve(result);
    }
    if (this.#waiting.length === 0) this.#worker.unref();
  }

  #fail(thrown: unknown): void {
    const error = this.#failure.report(thrown);
    for (const operation of this.#waiting) operation.reject(error);
    this.#waiting = [];
  }
}

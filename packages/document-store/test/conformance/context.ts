import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { DocumentStore, IndexSpec, JsonObject, StoredDocument, StoreErrorCode, Write } from '../../src/index.ts';

/** What an adapter's spec hands to the suite. */
export interface Adapter {
  readonly name: string;
  /**
   * True when a save that is decided says `won` or `lost` and never `unknown`. MongoDB's bulk result does not tell which
   * of its writes lost, so there a mixed bulk may be `unknown`, and loading decides.
   */
  readonly exactVerdicts: boolean;
  /** True when the data outlives `close`. */
  readonly durable: boolean;
  /** True when documents are kept in memory: what is given and what is returned is shared, and must not be changed. */
  readonly shares?: true;
  /** How many random sequences of calls are compared with the reference model. */
  readonly modelRuns: number;
  /** A place for data: called once for the whole suite. */
  create(): Promise<Backend>;
}

export interface Backend {
  /** Opens the store on this backend's data. Called again only after the store before was closed. */
  open(): Promise<DocumentStore>;
  /** Removes the data. */
  destroy(): Promise<void>;
}

export class Context {
  readonly adapter: Adapter;
  #backend: Backend | undefined;
  #store: DocumentStore | undefined;

  constructor(adapter: Adapter) {
    this.adapter = adapter;
  }

  async start(): Promise<void> {
    this.#backend = await this.adapter.create();
    this.#store = await this.#backend.open();
  }

  async stop(): Promise<void> {
    await this.#store?.close();
    await this.#backend?.destroy();
  }

  /** Closes the store and opens it again on the same data; nothing is declared then. */
  async reopen(): Promise<DocumentStore> {
    await this.store.close();
    if (!this.#backend) throw new Error('the backend was not started');
    this.#store = await this.#backend.open();
    return this.#store;
  }

  get store(): DocumentStore {
    if (!this.#store) throw new Error('the store was not opened');
    return this.#store;
  }

  /** A new collection of documents; returns its name. */
  async collection(...indexes: IndexSpec[]): Promise<string> {
    const name = `c-${randomUUID()}`;
    await this.store.declare([{ name, indexes }]);
    return name;
  }

  async marks(): Promise<string> {
    const name = `m-${randomUUID()}`;
    await this.store.declare([{ name, indexes: [], marks: true }]);
    return name;
  }

  /** Writes new documents, which must all win. */
  async put(collection: string, ...documents: StoredDocument[]): Promise<void> {
    const verdicts = await this.store.save(
      collection,
      documents.map((document) => ({ expectedVersion: document.version - 1, document })),
    );
    expect(verdicts).toEqual(documents.map(() => 'won'));
  }

  async version(collection: string, id: string): Promise<number> {
    const [document] = await this.store.load(collection, [id]);
    return document?.version ?? 0;
  }
}

export function doc(id: string, body: JsonObject = {}, rest: Partial<StoredDocument> = {}): StoredDocument {
  return { id, version: 1, wakeAt: null, lane: null, body, ...rest };
}

export function write(expectedVersion: number, id: string, body: JsonObject = {}): Write {
  return { expectedVersion, document: doc(id, body, { version: expectedVersion + 1 }) };
}

export function ids(documents: readonly (StoredDocument | undefined)[]): (string | undefined)[] {
  return documents.map((document) => document?.id);
}

export async function expectCode(promise: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'StoreError', code });
}

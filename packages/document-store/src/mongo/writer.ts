import { StoreError } from '../errors.ts';
import type { Mark, Verdict } from '../port.ts';
import type { MongoConnection } from './connection.ts';
import { type MongoStoreOptions, QUEUE_CHARACTERS_MAX, QUEUE_DOCUMENTS_MAX } from './options.ts';
import type { DocumentRow, MarkRow } from './rows.ts';
import { SaveQueue } from './save-queue.ts';
import { countsOf, guardedReplace, isRace, isUnclear, verdictsOf } from './verdicts.ts';

/** Two upserts of one id at once may collide in the server; the second try then finds the document there. */
const RAISE_TRIES = 10;

/** One unordered bulk for each call: one command, as long as it fits into 16 MiB; the driver cuts what is longer. */
export class Writer {
  readonly #connection: MongoConnection;
  readonly #queues = new Map<string, SaveQueue>();
  readonly #saving = new Set<Promise<unknown>>();
  readonly #documentsMax: number;
  readonly #charactersMax: number;
  #documents = 0;
  #characters = 0;

  constructor(
    connection: MongoConnection,
    options: Pick<MongoStoreOptions, 'queueDocumentsMax' | 'queueCharactersMax'>,
  ) {
    this.#connection = connection;
    this.#documentsMax = options.queueDocumentsMax ?? QUEUE_DOCUMENTS_MAX;
    this.#charactersMax = options.queueCharactersMax ?? QUEUE_CHARACTERS_MAX;
  }

  /** Throws `STORE_OVERLOADED`, with nothing sent, when too much is waiting already. */
  async save(collection: string, rows: readonly DocumentRow[]): Promise<readonly Verdict[]> {
    const characters = rows.reduce((sum, { json }) => sum + json.length, 0);
    this.#checkRoom(rows.length, characters);
    let queue = this.#queues.get(collection);
    if (!queue) {
      queue = new SaveQueue((together) => this.#save(collection, together));
      this.#queues.set(collection, queue);
    }
    const saving = queue.save(rows, characters);
    this.#saving.add(saving);
    this.#documents += rows.length;
    this.#characters += characters;
    try {
      return await saving;
    } finally {
      this.#saving.delete(saving);
      this.#documents -= rows.length;
      this.#characters -= characters;
    }
  }

  #checkRoom(documents: number, characters: number): void {
    // An empty queue takes anything that the bounds of one call let pass.
    if (this.#saving.size === 0) return;
    if (this.#documents + documents <= this.#documentsMax && this.#characters + characters <= this.#charactersMax)
      return;
    const what = `${this.#documents} documents with ${this.#characters} characters`;
    throw new StoreError('STORE_OVERLOADED', `${what} wait to be written.`);
  }

  /** Resolves when the saves that are under way now are decided. */
  async saved(): Promise<void> {
    await Promise.allSettled(this.#saving);
  }

  async #save(collection: string, rows: readonly DocumentRow[]): Promise<Verdict[]> {
    try {
      const result = await this.#connection
        .collection<DocumentRow>(collection)
        .bulkWrite(rows.map(guardedReplace), { ordered: false });
      return verdictsOf(rows, result);
    } catch (error) {
      const counts = countsOf(error);
      if (counts) return verdictsOf(rows, counts);
      if (isUnclear(error)) return rows.map(() => 'unknown');
      throw error;
    }
  }

  async restore(collection: string, rows: readonly DocumentRow[]): Promise<void> {
    const replaces = rows.map(({ _id, ...replacement }) => ({
      replaceOne: { filter: { _id }, replacement, upsert: true },
    }));
    await this.#connection.collection<DocumentRow>(collection).bulkWrite(replaces, { ordered: false });
  }

  async delete(collection: string, ids: readonly string[]): Promise<void> {
    await this.#connection.collection<DocumentRow>(collection).deleteMany({ _id: { $in: [...new Set(ids)] } });
  }

  async raise(collection: string, marks: readonly Mark[]): Promise<void> {
    const greatest = new Map<string, Mark>();
    for (const { id, seq, expireAtMs } of marks) {
      const { seq: s = seq, expireAtMs: e = expireAtMs } = greatest.get(id) ?? {};
      greatest.set(id, { id, seq: Math.max(seq, s), expireAtMs: Math.max(expireAtMs, e) });
    }
    const updates = [...greatest.values()].map(({ id: _id, seq, expireAtMs }) => ({
      updateOne: { filter: { _id }, update: { $max: { seq, expireAtMs } }, upsert: true },
    }));
    const collected = this.#connection.collection<MarkRow>(collection);
    for (let i = 1; ; i++) {
      try {
        await collected.bulkWrite(updates, { ordered: false });
        return;
      } catch (error) {
        if (i === RAISE_TRIES || !isRace(error)) throw error;
      }
    }
  }

  async expire(collection: string, nowMs: number): Promise<number> {
    const { deletedCount } = await this.#connection
      .collection<MarkRow>(collection)
      .deleteMany({ expireAtMs: { $lt: nowMs } });
    return deletedCount;
  }
}

import type { Mark, Verdict } from '../port.ts';
import type { MongoConnection } from './connection.ts';
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

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async save(collection: string, rows: readonly DocumentRow[]): Promise<readonly Verdict[]> {
    let queue = this.#queues.get(collection);
    if (!queue) {
      queue = new SaveQueue((together) => this.#save(collection, together));
      this.#queues.set(collection, queue);
    }
    const saving = queue.save(rows);
    this.#saving.add(saving);
    try {
      return await saving;
    } finally {
      this.#saving.delete(saving);
    }
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

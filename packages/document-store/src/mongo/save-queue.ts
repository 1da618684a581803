import { STORE_BOUNDS, type Verdict } from '../port.ts';
import type { DocumentRow } from './rows.ts';

/** So many bulks of one collection at a time: enough to keep a server busy, and connections are left for reading. */
const BULKS_MAX = 4;
const CHARACTERS_MAX = STORE_BOUNDS.save_characters_max;

interface Waiting {
  readonly rows: readonly DocumentRow[];
  readonly characters: number;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Saves of one collection, bounded by whoever hands them over (writer.ts). What has to wait, travels together: a flood of small saves must not become one of commands. */
export class SaveQueue {
  readonly #send: (rows: readonly DocumentRow[]) => Promise<readonly Verdict[]>;
  #waiting: Waiting[] = [];
  #running = 0;

  constructor(send: (rows: readonly DocumentRow[]) => Promise<readonly Verdict[]>) {
    this.#send = send;
  }

  /** @param characters of all bodies. */
  save(rows: readonly DocumentRow[], characters: number): Promise<readonly Verdict[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Verdict[]>();
    this.#waiting.push({ rows, characters, resolve, reject });
    this.#next();
    return promise;
  }

  #next(): void {
    while (this.#running < BULKS_MAX && this.#waiting.length > 0) void this.#run(this.#take());
  }

  /** As many as fit, in order; an id that comes again waits for the next. */
  #take(): readonly Waiting[] {
    const ids = new Set<string>();
    let characters = 0;
    let count = 0;
    for (const each of this.#waiting) {
      const fits =
        ids.size + each.rows.length <= STORE_BOUNDS.save_documents_max &&
        characters + each.characters <= CHARACTERS_MAX;
      if (count > 0 && (!fits || each.rows.some(({ _id }) => ids.has(_id)))) break;
      for (const { _id } of each.rows) ids.add(_id);
      characters += each.characters;
      count++;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  async #run(taken: readonly Waiting[]): Promise<void> {
    this.#running++;
    try {
      const verdicts = await this.#send(taken.flatMap(({ rows }) => rows));
      let at = 0;
      for (const { rows, resolve } of taken) {
        resolve(verdicts.slice(at, at + rows.length));
        at += rows.length;
      }
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      this.#running--;
      this.#next();
    }
  }
}

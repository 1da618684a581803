import { compareText } from '../index-keys.ts';

interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

/** Entries in the order of their keys (UTF-8 bytes). Moving a few kilobytes of pointers per insert beats a tree here. */
export class SortedList<T> {
  readonly #entries: Entry<T>[] = [];

  add(key: string, value: T): void {
    this.#entries.splice(this.#firstAtOrAfter(key), 0, { key, value });
  }

  remove(key: string): void {
    const at = this.#firstAtOrAfter(key);
    if (this.#entries[at]?.key === key) this.#entries.splice(at, 1);
  }

  /** From one key to another; null is "not in the list". */
  move(value: T, from: string | null, to: string | null): void {
    if (from === to) return;
    if (from !== null) this.remove(from);
    if (to !== null) this.add(to, value);
  }

  count(from: string, to: string): number {
    return Math.max(0, this.#firstAtOrAfter(to) - this.#firstAtOrAfter(from));
  }

  /** From `from` (included) up to `to` (excluded; absent: to the end), lazily. */
  *ascending(from: string, to?: string): Generator<Entry<T>> {
    for (let at = this.#firstAtOrAfter(from); at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (!entry || (to !== undefined && compareText(entry.key, to) >= 0)) return;
      yield entry;
    }
  }

  /** From below `to` down to `from` (included), lazily. */
  *descending(from: string, to: string): Generator<Entry<T>> {
    for (let at = this.#firstAtOrAfter(to) - 1; at >= 0; at--) {
      const entry = this.#entries[at];
      if (!entry || compareText(entry.key, from) < 0) return;
      yield entry;
    }
  }

  #firstAtOrAfter(key: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry && compareText(entry.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Binary min-heap: the next thing by time. The order must be total, so that equal times come out the same way everywhere. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#up(this.#items.length - 1, item);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#down(0, last);
    return first;
  }

  /** Linear, for the rare case. Call it before the item's own order changes. */
  remove(item: T): void {
    const index = this.#items.indexOf(item);
    if (index < 0) return;
    const last = this.#items.pop();
    if (last === undefined || index === this.#items.length) return;
    this.#down(index, last);
    const now = this.#items[index];
    if (now !== undefined) this.#up(index, now);
  }

  #up(from: number, item: T): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || this.#compare(above, item) <= 0) break;
      this.#items[index] = above;
      index = parent;
    }
    this.#items[index] = item;
  }

  #down(from: number, item: T): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      const left = this.#items[child];
      if (left === undefined) break;
      const right = this.#items[child + 1];
      const small = right !== undefined && this.#compare(right, left) < 0 ? right : left;
      if (small === right) child++;
      if (this.#compare(item, small) <= 0) break;
      this.#items[index] = small;
      index = child;
    }
    this.#items[index] = item;
  }
}

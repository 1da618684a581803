/**
 * One thread, virtual time. Whatever waits (an answer of the store, a sleep, the next batch) is a task here, and the seed
 * decides how long it takes, and so which comes first. A task belongs to a process: what belongs to a dead one never
 * runs, what belongs to a stalled one waits until it wakes.
 */
import type { Random } from './random.ts';

export interface Owner {
  readonly alive: boolean;
  /** Virtual ms until which nothing of it runs. */
  readonly stalledUntil: number;
}

interface Task {
  readonly at: number;
  readonly tie: number;
  readonly owner: Owner | null;
  readonly run: () => void;
  readonly idle: boolean;
}

/** Everything that promises can do now is done when this resolves. The only use of a real timer, and it measures nothing. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Scheduler {
  now = 0;
  steps = 0;
  /** Tasks that are something under way; the polls of idle services are not. */
  #busy = 0;
  readonly #random: Random;
  readonly #heap: Task[] = [];
  /** What stalled processes would do. */
  readonly #held = new Map<Owner, Task[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  get busy(): number {
    return this.#busy;
  }

  /** @param idle it is a poll that goes on for ever: no reason to wait for it. */
  after(delayMs: number, owner: Owner | null, run: () => void, idle = false): void {
    if (!idle && owner === null) this.#busy += 1;
    this.#push({ at: this.now + delayMs, tie: this.#random.next(), owner, run, idle });
  }

  /** Runs the next task; false: there is none. */
  async step(): Promise<boolean> {
    let isFirst = true;
    return this.runWhile(() => {
      const go = isFirst;
      isFirst = false;
      return go;
    });
  }

  /** Runs task after task for as long as `goesOn` says so, asked before each; false: there are none left. */
  async runWhile(goesOn: () => boolean): Promise<boolean> {
    while (goesOn()) {
      const task = this.#next();
      if (task === undefined) return false;
      this.steps += 1;
      task.run();
      await settled();
    }
    return true;
  }

  #next(): Task | undefined {
    for (;;) {
      const task = this.#pop();
      if (task === undefined) return undefined;
      if (task.at > this.now) this.now = task.at;
      const { owner } = task;
      if (owner === null) {
        if (!task.idle) this.#busy -= 1;
        return task;
      }
      if (!owner.alive) continue;
      if (owner.stalledUntil <= this.now) return task;
      const held = this.#held.get(owner);
      if (held) held.push(task);
      else this.#held.set(owner, [task]);
    }
  }

  /** It runs again, with all that it had in hand; in which order is chance. */
  wake(owner: Owner): void {
    for (const task of this.#held.get(owner) ?? [])
      this.#push({ ...task, at: this.now + this.#random.next() * 5, tie: this.#random.next() });
    this.#held.delete(owner);
  }

  /** Moves time on while nothing happens. */
  skipTo(ms: number): void {
    this.now = Math.max(this.now, ms);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(task);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(task, heap[parent] as Task)) break;
      heap[i] = heap[parent] as Task;
      i = parent;
    }
    heap[i] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[i] = heap[child] as Task;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);

/** How far all plays are, now and then in one line; and in the first line, what is played. */
import type { Progress } from './play.ts';
import type { Task } from './task.ts';

const TELL_EVERY_MS = 5_000;

export class ProgressLines {
  readonly #tasks: readonly Task[];
  readonly #say: (line: string) => void;
  readonly #startMs = performance.now();
  #lastMs = this.#startMs;
  #done = 0;
  readonly #calls = new Map<number, number>();
  readonly #going = new Map<number, number>();

  constructor(tasks: readonly Task[], say: (line: string) => void) {
    this.#tasks = tasks;
    this.#say = say;
    const [first] = tasks;
    if (!first) return;
    const seeds = [...new Set(tasks.map(({ seed }) => seed))];
    const centres =
      seeds.length === 1
        ? `a centre, seed ${first.seed},`
        : `${seeds.length} centres, seeds ${first.seed} to ${seeds.at(-1)},`;
    say(
      `truth: ${centres} of ${first.agents} agents, ${first.weak} of them weak, ${first.calls} calls each, played with the answers of the scoring and with the true ones: ${tasks.length} plays`,
    );
  }

  told(index: number, { calls, fewest }: Progress, isDone: boolean): void {
    this.#calls.set(index, calls);
    if (isDone) {
      this.#done += 1;
      this.#going.delete(index);
    } else this.#going.set(index, fewest);
    if (!isDone && performance.now() - this.#lastMs < TELL_EVERY_MS) return;
    this.#lastMs = performance.now();
    this.#say(this.#line());
  }

  #line(): string {
    const calls = this.#calls.values().reduce((sum, each) => sum + each, 0);
    const seconds = Math.max(0.001, (performance.now() - this.#startMs) / 1_000);
    const going = [...this.#going].map(([index, fewest]) => {
      const task = this.#tasks[index];
      return `; seed ${task?.seed}, ${task?.answers}: ${fewest} of ${task?.calls} calls per agent`;
    });
    return `truth: ${this.#done} of ${this.#tasks.length} plays done, ${calls} calls, ${(calls / seconds).toFixed(0)} a second${going.join('')}`;
  }
}

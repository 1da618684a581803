/**
 * A store or a log that is away is never a reason to give a message up: wait, try again without limit, and say for how long.
 * Only what the aggregate itself refuses becomes a dead letter.
 */
import type { Clock } from './definition.ts';

const BACKOFF_MS_MIN = 20;
const BACKOFF_MS_MAX = 2_000;

export class Stall {
  readonly #clock: Clock;
  readonly #onStall: (what: string, error: unknown) => void;
  /** What is waiting, and since when. */
  readonly #waiting = new Map<string, { since: number; error: unknown }>();

  constructor(clock: Clock, onStall: (what: string, error: unknown) => void) {
    this.#clock = clock;
    this.#onStall = onStall;
  }

  /** How long the longest stall has lasted, wall-clock ms; 0: nothing is stalled. */
  get stalledMs(): number {
    let since = Number.POSITIVE_INFINITY;
    for (const each of this.#waiting.values()) since = Math.min(since, each.since);
    return since === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.#clock.wall() - since);
  }

  get reason(): string | null {
    for (const [what, { error }] of this.#waiting)
      return `${what}: ${error instanceof Error ? error.message : String(error)}`;
    return null;
  }

  /** Runs `action` until it succeeds. Undefined: it was told to stop before that. `alive` is called before each wait. */
  async untilDone<T>(
    what: string,
    signal: AbortSignal,
    action: () => Promise<T>,
    alive?: () => Promise<void>,
  ): Promise<T | undefined> {
    try {
      for (let backoffMs = BACKOFF_MS_MIN; ; backoffMs = Math.min(BACKOFF_MS_MAX, backoffMs * 2)) {
        try {
          return await action();
        } catch (error) {
          if (!this.#waiting.has(what)) this.#onStall(what, error);
          this.#waiting.set(what, { since: this.#waiting.get(what)?.since ?? this.#clock.wall(), error });
          if (signal.aborted) return undefined;
          await alive?.(); // may throw, when the partition was taken away meanwhile
          await this.#clock.sleep(backoffMs, signal);
        }
      }
    } finally {
      this.#waiting.delete(what);
    }
  }
}

/**
 * A store or a log that is away is never a reason to give a message up: wait, try again without limit, and say for how long.
 * Only what the aggregate itself refuses becomes a dead letter.
 */
import type { Clock } from './definition.ts';
import { RuntimeError } from './errors.ts';

const BACKOFF_MS_MIN = 20;
const BACKOFF_MS_MAX = 2_000;

interface Waiting {
  /** Wall-clock ms. */
  readonly since: number;
  readonly error: unknown;
}

export class Stall {
  readonly #clock: Clock;
  readonly #onStall: (what: string, error: unknown, traceId: string | undefined) => void;
  readonly #onEnd: (stalledMs: number) => void;
  /** When the first of those began to wait that have waited without a gap since; wall-clock ms. */
  #sinceMs = 0;
  /** What is waiting, and since when. */
  readonly #waiting = new Map<string, Waiting>();

  /** `onEnd`: nothing waits any more. */
  constructor(
    clock: Clock,
    onStall: (what: string, error: unknown, traceId: string | undefined) => void,
    onEnd: (stalledMs: number) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#onStall = onStall;
    this.#onEnd = onEnd;
  }

  /** How long the longest stall has lasted, wall-clock ms; 0: nothing is stalled. */
  get stalledMs(): number {
    return this.#lasted(this.#longest(() => true)?.[1]);
  }

  /** The same of the store or the log being away. A document that stands (no room for another letter) is no outage: all others go on. */
  get outageMs(): number {
    return this.#lasted(this.#longest(({ error }) => !(error instanceof RuntimeError))?.[1]);
  }

  /** What has been stalled longest, and why. */
  get reason(): string | null {
    const longest = this.#longest(() => true);
    if (!longest) return null;
    const [what, { error }] = longest;
    return `${what}: ${error instanceof Error ? error.message : String(error)}`;
  }

  #longest(which: (each: Waiting) => boolean): readonly [string, Waiting] | undefined {
    let longest: readonly [string, Waiting] | undefined;
    for (const entry of this.#waiting)
      if (which(entry[1]) && (!longest || entry[1].since < longest[1].since)) longest = entry;
    return longest;
  }

  #lasted(waiting: Waiting | undefined): number {
    return waiting ? Math.max(0, this.#clock.wall() - waiting.since) : 0;
  }

  /** Runs `action` until it succeeds. Undefined: it was told to stop before that. `alive` is called before each wait, `traceId` once. */
  async untilDone<T>(
    what: string,
    signal: AbortSignal,
    action: () => Promise<T>,
    { alive, traceId }: { alive?: () => Promise<void>; traceId?: () => string | undefined } = {},
  ): Promise<T | undefined> {
    try {
      for (let backoffMs = BACKOFF_MS_MIN; ; backoffMs = Math.min(BACKOFF_MS_MAX, backoffMs * 2)) {
        try {
          return await action();
        } catch (error) {
          if (!this.#waiting.has(what)) this.#onStall(what, error, traceId?.());
          if (this.#waiting.size === 0) this.#sinceMs = this.#clock.wall();
          this.#waiting.set(what, { since: this.#waiting.get(what)?.since ?? this.#clock.wall(), error });
          if (signal.aborted) return undefined;
          await alive?.(); // may throw, when the partition was taken away meanwhile
          await this.#clock.sleep(backoffMs, signal);
        }
      }
    } finally {
      const hasWaited = this.#waiting.delete(what);
      if (hasWaited && this.#waiting.size === 0 && !signal.aborted) this.#onEnd(this.#clock.wall() - this.#sinceMs);
    }
  }
}

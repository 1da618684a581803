/** Counts what one process delivers for one webhook, to be reported every few seconds rather than per event. */
import { type FailingLane, NOT_BEGUN, type Report } from '../domain/webhook-figures.ts';
import type { Attempt } from './post.ts';

export class Tally {
  #delivered = 0;
  #lastDeliveredMs: number | null = null;
  #last: { readonly wallMs: number; readonly attempt: Attempt } | null = null;
  readonly #failing = new Map<string, FailingLane>();
  readonly #flowing = new Set<string>();

  note(lane: string, attempt: Attempt, wallMs: number): void {
    this.#last = { wallMs, attempt };
    if (attempt.error === null) {
      this.#delivered += 1;
      this.#lastDeliveredMs = wallMs;
      this.#failing.delete(lane);
      this.#flowing.add(lane);
      return;
    }
    const { status, error } = attempt;
    this.#failing.set(lane, { lane, sinceMs: this.#failing.get(lane)?.sinceMs ?? wallMs, status, error });
    this.#flowing.delete(lane);
  }

  /** Since the last one; null: nothing happened. A lane that still fails is in the next report too. */
  take(epoch: number): Report | null {
    if (!this.#last) return null;
    const { wallMs, attempt } = this.#last;
    const report: Report = {
      epoch,
      delivered: this.#delivered,
      lastDeliveredMs: this.#lastDeliveredMs,
      lastAttemptMs: wallMs,
      lastStatus: attempt.status,
      lastError: attempt.error,
      failing: [...this.#failing.values()],
      flowing: [...this.#flowing, NOT_BEGUN],
    };
    this.#delivered = 0;
    this.#last = null;
    this.#flowing.clear();
    return report;
  }

  /** The partition is in other hands now. */
  leave(lane: string): void {
    this.#failing.delete(lane);
  }

  /** Somebody acted on the failures: they count from now. */
  forgive(): void {
    this.#failing.clear();
  }
}

/**
 * Publication is at least once, so the log may hold an event twice. First occurrences are in order within a stream (see the
 * kernel's rules), so whatever is at or below the highest number seen of its stream is a repetition. Bounded: of a stream
 * that was not seen for long a repetition passes, and the id tells.
 */
import type { CloudEvent } from '@coachloop/contracts';

export class Repeats {
  readonly #seen = new Map<string, number>();
  readonly #max: number;

  constructor(streamsMax: number) {
    this.#max = streamsMax;
  }

  has({ stream, seq }: CloudEvent): boolean {
    return seq <= (this.#seen.get(stream) ?? 0);
  }

  add({ stream, seq }: CloudEvent): void {
    this.#seen.delete(stream); // so that it becomes the youngest
    this.#seen.set(stream, seq);
    if (this.#seen.size <= this.#max) return;
    const [oldest] = this.#seen.keys();
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}

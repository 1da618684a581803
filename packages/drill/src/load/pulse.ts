/** How long, at most, a subscriber heard of no further evaluation while calls came in: the stall that people notice. */
import { Subscriber } from './subscriber.ts';

export class Pulse {
  readonly #subscriber: Subscriber;
  readonly #known = new Set<string>();
  #lastMs: number | null = null;
  #ended = false;
  silenceMsMax = 0;

  constructor(url: string) {
    this.#subscriber = new Subscriber(url, 'qa.evaluation.completed', ({ id }) => {
      if (this.#known.has(id)) return;
      this.#known.add(id);
      this.#beat();
    });
  }

  /** No more calls: from now on silence is as it should be. */
  end(): void {
    if (this.#lastMs !== null) this.#beat();
    this.#ended = true;
  }

  #beat(): void {
    if (this.#ended) return;
    const nowMs = performance.now();
    this.silenceMsMax = Math.max(this.silenceMsMax, nowMs - (this.#lastMs ?? nowMs));
    this.#lastMs = nowMs;
  }

  stop(): Promise<void> {
    return this.#subscriber.stop();
  }
}

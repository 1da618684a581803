/** Writes to a client no faster than it reads, and lets go of one that has stopped reading. */
import type { ServerResponse } from 'node:http';

export class Writer {
  readonly #raw: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;
  #lastMs = performance.now();
  /** Pieces that were written and are still in memory. */
  #pending = 0;
  #flushed: (() => void) | null = null;

  /** @param signal aborted when the client is gone. */
  constructor(raw: ServerResponse, signal: AbortSignal, patienceMs: number) {
    this.#raw = raw;
    this.#signal = signal;
    this.#patienceMs = patienceMs;
  }

  /** How long nothing was written, ms. */
  get idleMs(): number {
    return performance.now() - this.#lastMs;
  }

  /** False: nobody reads any more. What Node keeps in memory for one client is one event above its high-water mark. */
  async write(text: string): Promise<boolean> {
    if (this.#signal.aborted || this.#raw.destroyed) return false;
    this.#lastMs = performance.now();
    this.#pending += 1;
    if (this.#raw.write(text, this.#onFlushed)) return true;
    if (await this.#drained()) return true;
    this.#raw.destroy(); // a response that ends early is seen as such; the client continues after its last cursor
    return false;
  }

  #onFlushed = (): void => {
    this.#pending -= 1;
    if (this.#pending === 0) this.#flushed?.();
  };

  /**
   * By the callbacks of the pieces, not by 'drain': Node 26 gathers the chunks of one tick, and when the socket takes only a
   * part of them at once, 'drain' of the response was seen to stay away although all had left.
   */
  #drained(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, this.#patienceMs, false);
    const gone = () => resolve(false);
    this.#signal.addEventListener('abort', gone, { once: true });
    this.#flushed = () => resolve(true);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', gone);
      this.#flushed = null;
    });
  }
}

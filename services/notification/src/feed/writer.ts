/** Writes to a client no faster than it reads, and lets go of one that has stopped reading. */
import type { ServerResponse } from 'node:http';

export class Writer {
  readonly #raw: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;
  #lastMs = performance.now();
  /** Pieces that were written and are still in memory. */
  #pending = 0;
  /** Ends the wait of `write`; there is one at most, since a sign of life does not wait. */
  #flushed: (() => void) | null = null;

  /** @param signal aborted when the client is gone. */
  constructor(raw: ServerResponse, signal: AbortSignal, patienceMs: number) {
    this.#raw = raw;
    this.#signal = signal;
    this.#patienceMs = patienceMs;
  }

  /**
   * False: nobody reads any more. What Node keeps in memory for one client is one event above its high-water mark.
   * One at a time: the next one when this one has answered.
   */
  async write(text: string): Promise<boolean> {
    if (this.#gone) return false;
    if (this.#put(text)) return true;
    if (await this.#drained()) return true;
    this.#raw.destroy(); // a response that ends early is seen as such; the client continues after its last cursor
    return false;
  }

  /**
   * A sign of life after `everyMs` without anything else. Behind what still waits it would say nothing: then it only looks
   * whether the client has stopped reading for good.
   */
  beat(text: string, everyMs: number): void {
    const idleMs = performance.now() - this.#lastMs;
    if (this.#gone || idleMs < everyMs) return;
    if (this.#pending === 0) this.#put(text);
    else if (idleMs >= this.#patienceMs) this.#raw.destroy();
  }

  get #gone(): boolean {
    return this.#signal.aborted || this.#raw.destroyed;
  }

  /** False: it waits in memory. */
  #put(text: string): boolean {
    this.#lastMs = performance.now();
    this.#pending += 1;
    return this.#raw.write(text, this.#onFlushed);
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

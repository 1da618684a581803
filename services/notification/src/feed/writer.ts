/** Writes to a client no faster than it reads, and lets go of one that has stopped reading. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export class Writer {
  readonly #raw: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;
  #lastMs = performance.now();

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
    if (this.#raw.write(text)) return true;
    try {
      await once(this.#raw, 'drain', {
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(this.#patienceMs)]),
      });
      return true;
    } catch {
      this.#raw.destroy(); // a response that ends early is seen as such; the client continues after its last cursor
      return false;
    }
  }
}

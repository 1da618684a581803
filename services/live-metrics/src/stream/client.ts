/** One client of the stream: a socket, and how much may wait in it. */
import type { ServerResponse } from 'node:http';

export const CLIENT_BOUNDS = {
  waiting_bytes_max: 1024 * 1024,
  heartbeat_ms: 15_000,
  /** What is told a client that is dropped may take this long to reach it. */
  farewell_ms: 2_000,
} as const;

export type DropReason = 'slow' | 'stopping';

export class StreamClient {
  readonly #response: ServerResponse;
  readonly #onDropped: (reason: DropReason) => void;
  #sentAtMs: number;
  #dropped = false;

  constructor(response: ServerResponse, wallMs: number, onDropped: (reason: DropReason) => void) {
    this.#response = response;
    this.#onDropped = onDropped;
    this.#sentAtMs = wallMs;
  }

  /** Drops the client instead when what was sent before still waits in our memory. */
  send(text: string, wallMs: number): void {
    if (this.#dropped) return;
    if (this.#response.writableLength > CLIENT_BOUNDS.waiting_bytes_max) {
      this.drop('slow');
      return;
    }
    this.#sentAtMs = wallMs;
    this.#response.write(text);
  }

  /** Proxies and clients notice a dead connection by its silence. */
  heartbeat(wallMs: number): void {
    if (wallMs - this.#sentAtMs >= CLIENT_BOUNDS.heartbeat_ms) this.send(': still here\n\n', wallMs);
  }

  drop(reason: DropReason): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#onDropped(reason);
    this.#response.end(frame('closing', { reason }));
    const late = setTimeout(() => this.#response.destroy(), CLIENT_BOUNDS.farewell_ms);
    late.unref();
    this.#response.once('close', () => clearTimeout(late));
  }
}

/** A message of the stream. JSON has no line breaks of its own. */
export const frame = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

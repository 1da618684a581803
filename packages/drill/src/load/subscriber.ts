/** Another system that reads /events/v1, as it comes, from the beginning; where the connection breaks it goes on after its cursor. */
import { setTimeout } from 'node:timers/promises';

export interface FeedEvent {
  readonly id: string;
  readonly type: string;
  readonly stream?: string;
  readonly seq?: string | number;
  readonly data: unknown;
}

const AGAIN_MS = 200;

export class Subscriber {
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #heardMs = performance.now();
  connections = 0;
  /** Answers that were no stream. */
  readonly refused: string[] = [];

  constructor(url: string, types: string, onEvent: (event: FeedEvent) => void) {
    this.#done = this.#follow(`${url}/events/v1?follow=true&types=${encodeURIComponent(types)}`, onEvent);
  }

  get silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #follow(url: string, onEvent: (event: FeedEvent) => void): Promise<void> {
    const { signal } = this.#stopping;
    let after = '';
    while (!signal.aborted) {
      try {
        const response = await fetch(after === '' ? url : `${url}&after=${after}`, { signal });
        if (response.ok) this.connections += 1;
        if (!response.ok && response.status < 500 && response.status !== 429)
          this.refused.push(`${response.status} ${await response.text()}`);
        if (response.ok)
          for await (const line of linesOf(response)) {
            const event = JSON.parse(line) as FeedEvent & { readonly cursor: string };
            this.#heardMs = performance.now();
            onEvent(event);
            after = event.cursor;
          }
      } catch {
        // It was killed in the middle: the last line may be half a line, and is asked for again.
      }
      await setTimeout(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}

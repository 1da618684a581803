/** A client of the HTTP API as a careful sender is one: what was not acknowledged is sent again, with the same ids, until it is. */
import { setTimeout } from 'node:timers/promises';
import { DrillError } from '../errors.ts';

const ATTEMPT_MS_MAX = 15_000;
const PATIENCE_MS = 240_000;
const AGAIN_MS = { first: 50, max: 1_000 } as const;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** 1: acknowledged at once. Above: nobody knows whether an earlier one arrived. */
  readonly attempts: number;
}

export interface Request {
  readonly path: string;
  /** Absent: GET, where no method is named. */
  readonly body?: string | undefined;
  readonly method?: 'GET' | 'POST';
  readonly contentType?: string;
  /** Its Idempotency-Key. */
  readonly key?: string;
}

export class Client {
  readonly #url: string;
  readonly #stopping = new AbortController();
  acknowledged = 0;
  repeated = 0;
  /** Longest time from a request's first attempt to its acknowledgement. */
  stallMsMax = 0;
  /** Answers of the kind 5xx other than 503, by status and code: the platform was ending, or has a defect. */
  readonly troubled = new Map<string, number>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Whatever is under way is given up: the drill is over. */
  stop(): void {
    this.#stopping.abort();
  }

  /** @throws DrillError DRILL_NOT_ACKNOWLEDGED */
  async send(request: Request): Promise<Answer> {
    const { path } = request;
    const init = initOf(request);
    const sinceMs = performance.now();
    let last = '';
    for (
      let attempts = 1, waitMs: number = AGAIN_MS.first;
      ;
      attempts += 1, waitMs = Math.min(AGAIN_MS.max, waitMs * 2)
    ) {
      try {
        const signal = AbortSignal.any([AbortSignal.timeout(ATTEMPT_MS_MAX), this.#stopping.signal]);
        const response = await fetch(this.#url + path, { ...init, signal });
        const text = await response.text(); // half an answer is none
        if (response.status < 500 && response.status !== 429) {
          this.acknowledged += 1;
          if (attempts > 1) this.repeated += 1;
          this.stallMsMax = Math.max(this.stallMsMax, performance.now() - sinceMs);
          return { status: response.status, body: text === '' ? null : JSON.parse(text), attempts };
        }
        last = `${response.status} ${text.slice(0, 200)}`;
        if (response.status !== 503 && response.status !== 429) this.#trouble(response.status, text);
      } catch (error) {
        this.#stopping.signal.throwIfAborted();
        last = String(error);
      }
      if (performance.now() - sinceMs > PATIENCE_MS) throw new DrillError('DRILL_NOT_ACKNOWLEDGED', `${path}: ${last}`);
      await setTimeout(waitMs, undefined, { signal: this.#stopping.signal });
    }
  }

  #trouble(status: number, text: string): void {
    const name = `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`;
    this.troubled.set(name, (this.troubled.get(name) ?? 0) + 1);
  }

  /** Every item of a paged list. */
  async all<T>(path: string): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await this.send({ path: `${path}${query}` });
      const page = body as { readonly items: readonly T[]; readonly next?: string };
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return items;
  }
}

function initOf({
  body,
  method = body === undefined ? 'GET' : 'POST',
  contentType = 'application/json',
  key,
}: Request) {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': contentType }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return { method, headers, ...(body === undefined ? {} : { body }) };
}

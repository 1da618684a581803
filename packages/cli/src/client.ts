/** A client of the platform's HTTP API: waits when it is told to, and turns problems into errors that say what to do. */
import { setTimeout } from 'node:timers/promises';
import { CliError } from './errors.ts';
import { remark } from './output.ts';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** The whole problem, where the server sent one. */
  readonly body: unknown;
  constructor(status: number, code: string, message: string, body?: unknown) {
    super(message);
    this.body = body;
    this.status = status;
    this.code = code;
  }
}

export interface PostOptions {
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StreamOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** How long one request is tried again while a server that has answered before is away, or asks to wait. */
export const PATIENCE_MS = 120_000;
/** A server that never answered is more likely not running than restarting. */
const FIRST_PATIENCE_MS = 3_000;
const SILENT_MS_MAX = 3_000;

export class Client {
  readonly #url: string;
  readonly #patienceMs: number;
  readonly #firstPatienceMs: number;
  #answered = false;
  #saidWaiting = false;

  /** `firstPatienceMs`: the same of one that has never answered. */
  constructor(url: string, patienceMs = PATIENCE_MS, firstPatienceMs = FIRST_PATIENCE_MS) {
    this.#url = url.replace(/\/+$/, '');
    this.#patienceMs = patienceMs;
    this.#firstPatienceMs = firstPatienceMs;
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#request<T>(path, { ...(signal ? { signal } : {}) });
  }

  post<T>(
    path: string,
    body: unknown,
    { contentType = 'application/json', signal, headers }: PostOptions = {},
  ): Promise<T> {
    const payload = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    return this.#request<T>(path, {
      method: 'POST',
      body: payload as NonNullable<RequestInit['body']>,
      headers: { 'content-type': contentType, ...headers },
      ...(signal ? { signal } : {}),
    });
  }

  /** Once, and only when it takes long enough to be wondered about. */
  #sayWaiting(response: Response | Error, sinceMs: number): void {
    if (this.#saidWaiting || sinceMs < SILENT_MS_MAX) return;
    this.#saidWaiting = true;
    const silent = this.#answered ? 'does not answer any more' : 'does not answer yet';
    const what = response instanceof Response ? `asks to wait (${response.status})` : silent;
    remark(`${this.#url} ${what}; trying again for up to ${this.#patience / 1000} s.`);
  }

  get #patience(): number {
    return this.#answered ? this.#patienceMs : this.#firstPatienceMs;
  }

  /** Every item of a paged list. */
  async *pages<T>(path: string): AsyncIterable<T> {
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
      const page = await this.get<{ items: readonly T[]; next?: string }>(`${path}${query}`);
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  /** The lines of an answer as they come. Ends with STREAM_BROKEN where the connection does. */
  async lines(path: string, options: StreamOptions = {}): Promise<AsyncIterable<string>> {
    const { method = 'GET', headers = {}, signal } = options;
    const send = fetch(this.#url + path, { method, headers, ...(signal ? { signal } : {}) });
    const response = await send.catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new CliError('SERVER_UNREACHABLE', `${this.#url} does not answer.`, { cause: error });
    });
    if (!response.ok) throw await problemOf(response);
    return linesOf(response);
  }

  async #request<T>(path: string, init: RequestInit): Promise<T> {
    const sinceMs = Date.now();
    for (let waitMs = 50; ; waitMs = Math.min(5_000, waitMs * 2)) {
      const response = await fetch(this.#url + path, init).catch((error: unknown) => error as Error);
      init.signal?.throwIfAborted();
      if (response instanceof Response) {
        this.#answered = true;
        if (response.ok) return (response.status === 204 ? undefined : await jsonOf(response)) as T;
        if (response.status !== 429 && response.status !== 503) throw await problemOf(response);
        const retryAfter = Number(response.headers.get('retry-after') ?? 0) * 1000;
        await response.body?.cancel();
        waitMs = Math.max(waitMs, retryAfter);
      } else this.#answered ||= wasThere(response);
      if (Date.now() + waitMs > sinceMs + this.#patience) {
        if (response instanceof Response)
          throw new CliError('SERVER_BUSY', `${this.#url} answered ${response.status} again and again.`);
        throw new CliError('SERVER_UNREACHABLE', `${this.#url} does not answer.`);
      }
      this.#sayWaiting(response, Date.now() - sinceMs);
      await setTimeout(waitMs);
    }
  }
}

/** A connection that broke had been made: the server died with the request in hand, and may come back. */
const wasThere = ({ cause }: Error): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'UND_ERR_SOCKET');

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('SERVER_OTHER', `${response.url} answered with something that is no JSON.`);
  }
}

async function problemOf(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    if (body.code !== undefined && body.code !== 'ROUTE_NOT_FOUND')
      return new ApiError(response.status, body.code, body.detail ?? body.title ?? text, body);
  } catch {
    // Not one of ours: said below.
  }
  return new CliError('SERVER_OTHER', `${response.url} answered ${response.status}.`);
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new CliError('STREAM_BROKEN', `${response.url} broke off.`, { cause: error });
  }
  if (rest !== '') yield rest;
}

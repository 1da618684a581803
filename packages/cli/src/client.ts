/** A client of the platform's HTTP API: waits when it is told to, and turns problems into errors that say what to do. */
import { setTimeout } from 'node:timers/promises';

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

/** How long one request is tried again while a server that has answered before is away, or asks to wait. */
const PATIENCE_MS = 120_000;
/** A server that never answered is more likely not running than restarting. */
const FIRST_PATIENCE_MS = 3_000;

export class Client {
  readonly #url: string;
  readonly #patienceMs: number;
  #answered = false;

  constructor(url: string, patienceMs = PATIENCE_MS) {
    this.#url = url.replace(/\/+$/, '');
    this.#patienceMs = patienceMs;
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

  /** A response as it comes, for streams of lines. */
  async stream(path: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(this.#url + path, { headers, ...(signal ? { signal } : {}) });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async #request<T>(path: string, init: RequestInit): Promise<T> {
    const sinceMs = Date.now();
    for (let waitMs = 50; ; waitMs = Math.min(5_000, waitMs * 2)) {
      const response = await fetch(this.#url + path, init).catch((error: unknown) => error as Error);
      if (init.signal?.aborted) return undefined as T;
      if (response instanceof Response) {
        this.#answered = true;
        if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
        if (response.status !== 429 && response.status !== 503) throw await problemOf(response);
        const retryAfter = Number(response.headers.get('retry-after') ?? 0) * 1000;
        await response.body?.cancel();
        waitMs = Math.max(waitMs, retryAfter);
      }
      if (Date.now() + waitMs > sinceMs + (this.#answered ? this.#patienceMs : FIRST_PATIENCE_MS)) {
        if (response instanceof Response)
          throw new ApiError(response.status, 'SERVER_BUSY', `${this.#url} keeps asking to wait; try again later.`);
        throw new ApiError(
          0,
          'SERVER_UNREACHABLE',
          `${this.#url} does not answer. Is it running? Start it with \`npm start\`, or name another one with --url.`,
        );
      }
      await setTimeout(waitMs);
    }
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    return new ApiError(
      response.status,
      body.code ?? `HTTP_${response.status}`,
      body.detail ?? body.title ?? text,
      body,
    );
  } catch {
    return new ApiError(
      response.status,
      `HTTP_${response.status}`,
      `${response.url} answered ${response.status}: ${text.slice(0, 200)}`,
    );
  }
}

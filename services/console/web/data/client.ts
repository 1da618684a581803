/** JSON over HTTP from the platform that served this page. Errors are the platform's own problem documents. */

export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;

/** Rejects with `RequestFailed`; status 0: no answer at all. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(path, {
    headers: { accept: 'application/json' },
    signal: signal ? AbortSignal.any([signal, late]) : late,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new RequestFailed(0, 'The server does not answer.');
  });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as { readonly detail?: string; readonly title?: string };
  throw new RequestFailed(answer.status, problem.detail ?? problem.title ?? `${answer.status} ${answer.statusText}`);
}

/** A path with those of the parameters that have a value. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

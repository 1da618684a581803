/** `POST /ops/v1/digest`: what of two runs over the same calls must be equal. */
import { setTimeout } from 'node:timers/promises';
import { DrillError } from '../errors.ts';

export interface Digest {
  readonly settled: boolean;
  readonly kinds: Readonly<Record<string, { readonly count: number; readonly digest: string }>>;
}

/** Of these the content must not depend on the order in which things happened. */
export const EQUAL_KINDS = ['calls', 'evaluations'] as const;

const QUIET_MS_MAX = 180_000;
const LOOK_MS = 250;

/** When everything in the log has been handled. @throws DrillError DRILL_NOT_QUIET */
export async function digestAtRest(url: string): Promise<Digest> {
  let last = '';
  for (const untilMs = performance.now() + QUIET_MS_MAX; performance.now() < untilMs; await setTimeout(LOOK_MS)) {
    const response = await fetch(`${url}/ops/v1/digest`, { method: 'POST' });
    last = await response.text();
    if (!response.ok) continue;
    const { result } = JSON.parse(last.trimEnd().split('\n').at(-1) ?? '{}') as { result?: Digest };
    if (result?.settled) return result;
  }
  throw new DrillError(
    'DRILL_NOT_QUIET',
    `${last.trimEnd().split('\n').at(-1)?.slice(0, 500)}\n${await holdUpOf(url)}`,
  );
}

/** What is not handled, and what stands in its way, by each service. */
async function holdUpOf(url: string): Promise<string> {
  const [status, figures] = await Promise.all(['/ops/v1/status', '/metrics'].map((path) => textOf(`${url}${path}`)));
  const behind = figures?.match(/^coachloop_lag_records{.*} [1-9].*$/gm) ?? [];
  return [status, ...behind].join('\n');
}

const textOf = (url: string): Promise<string> =>
  fetch(url).then(
    (response) => response.text(),
    (error: unknown) => String(error),
  );

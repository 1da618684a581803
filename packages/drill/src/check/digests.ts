/** `POST /ops/v1/digest`: what of two runs over the same calls must be equal. */
import { setTimeout } from 'node:timers/promises';
import { DrillError } from '../errors.ts';

export interface Digest {
  readonly settled: boolean;
  readonly kinds: Readonly<Record<string, { readonly count: number; readonly digest: string }>>;
}

/** Of these the content must not depend on the order in which things happened. */
export const EQUAL_KINDS = ['calls', 'evaluations'] as const;

/** So long nothing may change while something waits; and this is how long it may take in all. */
const STILL_MS_MAX = 180_000;
const CATCH_UP_MS_MAX = 1_800_000;
const LOOK_MS = 250;
const STATUS_MS_MAX = 30_000;

/** When everything in the log has been handled. @throws DrillError DRILL_NOT_QUIET */
export async function digestAtRest(url: string): Promise<Digest> {
  const sinceMs = performance.now();
  let [last, changedMs] = ['', sinceMs];
  for (let nowMs = sinceMs; nowMs - changedMs < STILL_MS_MAX && nowMs - sinceMs < CATCH_UP_MS_MAX; ) {
    const told = await toldBy(url);
    if (told.digest?.settled) return told.digest;
    await setTimeout(LOOK_MS);
    nowMs = performance.now();
    if (told.text !== last) changedMs = nowMs;
    last = told.text;
  }
  throw new DrillError('DRILL_NOT_QUIET', `${last.slice(0, 500)}\n${await holdUpOf(url)}`);
}

async function toldBy(url: string): Promise<{ readonly text: string; readonly digest?: Digest }> {
  try {
    const response = await fetch(`${url}/ops/v1/digest`, { method: 'POST', signal: AbortSignal.timeout(STILL_MS_MAX) });
    const text = (await response.text()).trimEnd().split('\n').at(-1) ?? '';
    const { result } = JSON.parse(text) as { readonly result?: Digest };
    return result ? { text, digest: result } : { text };
  } catch (error) {
    return { text: String(error) };
  }
}

/** What is not handled, and what stands in its way, by each service. */
async function holdUpOf(url: string): Promise<string> {
  const [status, figures] = await Promise.all(['/ops/v1/status', '/metrics'].map((path) => textOf(`${url}${path}`)));
  const behind = figures?.match(/^coachloop_lag_records{.*} [1-9].*$/gm) ?? [];
  return [status, ...behind].join('\n');
}

const textOf = (url: string): Promise<string> =>
  fetch(url, { signal: AbortSignal.timeout(STATUS_MS_MAX) }).then(
    (response) => response.text(),
    (error: unknown) => String(error),
  );

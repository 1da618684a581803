/** Round trips over many items, of which one may be such that the store will not have it. */
import { StoreError } from '@coachloop/document-store';

/**
 * Runs one call over all items. Where the store refuses it as a mistake of the caller (then nothing was written), it is cut in
 * halves until only the culprits are left, whose result is the error: one bad document must not stop its siblings.
 */
export async function inHalves<T, R>(
  items: readonly T[],
  call: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly (R | StoreError)[]> {
  if (items.length === 0) return [];
  try {
    return await call(items);
  } catch (error) {
    if (!isMistake(error)) throw error;
    if (items.length === 1) return [error];
    const half = items.length >> 1;
    return [...(await inHalves(items.slice(0, half), call)), ...(await inHalves(items.slice(half), call))];
  }
}

/** Not a store that is away: the same call will fail for ever. A closed store is away, for whoever asks. */
const isMistake = (error: unknown): error is StoreError =>
  error instanceof StoreError && error.kind === 'request' && error.code !== 'STORE_CLOSED';

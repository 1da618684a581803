/** Waiting for a log or a store that is away, at the start as later: it comes back without anybody's help. */
import { StoreError } from '@coachloop/document-store';
import { LogError } from '@coachloop/event-log';
import type { Clock } from '@coachloop/runtime';

const WAIT_MS_MIN = 100;
const WAIT_MS_MAX = 2_000;

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told before each wait, and what of. */
  readonly onWait: (error: unknown) => void;
}

/** Trying again helps when it is back. Wrong credentials are not away: somebody has to correct them. */
export const isAway = (error: unknown): boolean =>
  (error instanceof LogError && error.code === 'LOG_UNAVAILABLE') ||
  (error instanceof StoreError && error.kind === 'passing' && error.code !== 'STORE_ACCESS_DENIED');

/** Until it succeeds, or is told to stop. Throws whatever waiting does not help against. */
export async function patiently(action: () => Promise<void>, { clock, signal, onWait }: Patience): Promise<void> {
  for (let waitMs = WAIT_MS_MIN; !signal.aborted; waitMs = Math.min(WAIT_MS_MAX, waitMs * 2)) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) return;
      if (!isAway(error)) throw error;
      onWait(error);
      await clock.sleep(waitMs, signal);
    }
  }
}

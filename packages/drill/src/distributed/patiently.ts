/** Asking servers that may be away. */
import { setTimeout } from 'node:timers/promises';
import { StoreError } from '@coachloop/document-store';
import { LogError } from '@coachloop/event-log';

/** Broker or database may be away, and who was killed holds its place for the rest of its session, 30 s. */
const PATIENCE_MS = 240_000;
const AGAIN_MS = 500;

/** Until it succeeds. @throws LogError, StoreError: the last one, after so long; anything else at once */
export async function patiently<T>(ask: () => Promise<T>, msMax = PATIENCE_MS): Promise<T> {
  for (const untilMs = performance.now() + msMax; ; await setTimeout(AGAIN_MS))
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof LogError || error instanceof StoreError;
      if (!isAway || performance.now() > untilMs) throw error;
    }
}

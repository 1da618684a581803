/** Waits until every group has read everything. */
import type { EventLog } from '@coachloop/event-log';
import type { ServiceDefinition } from '@coachloop/runtime';
import { lagsOf, systemClock } from '@coachloop/service-kit';

const LOOK_MS = 250;

/**
 * The ends of the topics are read before the offsets, so a look alone proves nothing: whatever was appended between the two is
 * in neither. Two looks with the same ends do.
 */
export async function settled(log: EventLog, services: () => Promise<readonly ServiceDefinition[]>): Promise<void> {
  let before = -1;
  for (;;) {
    const definitions = await services();
    const lags = await lagsOf(log, definitions);
    const end = await recordsIn(log, await topicsOf(log));
    if (lags.every(({ records }) => records === 0) && end === before) return;
    before = end;
    await systemClock.sleep(LOOK_MS);
  }
}

export const topicsOf = async (log: EventLog): Promise<readonly string[]> =>
  (await log.topics()).map(({ name }) => name);

/** How many records these topics hold. */
export async function recordsIn(log: EventLog, topics: readonly string[]): Promise<number> {
  const marks = await log.watermarks(topics);
  return marks.reduce((sum, { next, first }) => sum + next - first, 0);
}

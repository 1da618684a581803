/** How far ahead the clocks of a service are, those of all its processes alike; and what lay in the log when they were moved. */
import { LogError } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { type ClockSet, PASSED_MS } from '../clock.ts';
import type { ProcessName } from '../schedule.ts';
import { DAY_MS } from '../site.ts';
import { patiently } from './patiently.ts';

/** With a clock that is an hour off, and the day that passes at the end, below what the setting takes, seven days. */
export const AHEAD_MS_MAX = 5 * DAY_MS;

/** A broker may be away for long: then nobody knows, and that is no fault of anybody. */
const PATIENCE_MS = 60_000;

export class Hours {
  readonly #aheadMs = new Map<ProcessName, number>();
  readonly #flying = new Set<ProcessName>();

  aheadMs(service: ProcessName): number {
    return this.#aheadMs.get(service) ?? 0;
  }

  /** From the next launches on. Beyond the bound the clock stays. */
  forward(service: ProcessName, byMs: number): void {
    this.#aheadMs.set(service, Math.min(AHEAD_MS_MAX, this.aheadMs(service) + byMs));
  }

  /** Time passes for this service: from its next launches on. Whatever clock of it was wrong is right. */
  fly(service: ProcessName): void {
    this.#aheadMs.set(service, this.aheadMs(service) + PASSED_MS);
    this.#flying.add(service);
  }

  /** `ownMs`: what that process is wrong by. */
  clockOf(service: ProcessName, ownMs: number): ClockSet {
    const isFlying = this.#flying.has(service);
    return { offsetMs: this.aheadMs(service) + (isFlying ? 0 : ownMs), isFlying };
  }
}

/** The end of each partition of the topic, by its number; null: there was no broker to ask. */
export async function endsOf(brokers: readonly string[], topic: string): Promise<ReadonlyMap<number, number> | null> {
  const log = openKafkaLog({ brokers, clock: Date, clientId: 'drill' });
  try {
    const marks = await patiently(() => log.watermarks([topic]), PATIENCE_MS);
    return new Map(marks.map(({ partition, next }) => [partition, next]));
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  } finally {
    await log.close();
  }
}

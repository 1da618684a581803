/** The clock of a process, as its environment tells it. */
import { DAY_MS, HOUR_MS } from './site.ts';

/** When time passes: so much at once, and from then on an hour a second, so that the steps of a case follow each other. */
export const PASSED_MS = DAY_MS;
const FLYING_SPEED = HOUR_MS / 1_000;

export interface ClockSet {
  readonly offsetMs: number;
  /** From now on it runs an hour a second. */
  readonly isFlying: boolean;
}

export function clockEnv({ offsetMs, isFlying }: ClockSet): Readonly<Record<string, string>> {
  return {
    ...(offsetMs === 0 ? {} : { COACHLOOP_CLOCK_OFFSET_MS: String(offsetMs) }),
    ...(isFlying
      ? {
          COACHLOOP_CLOCK_SPEED: String(FLYING_SPEED),
          COACHLOOP_CLOCK_START: new Date(Date.now() + offsetMs).toISOString(),
        }
      : {}),
  };
}

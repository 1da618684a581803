/** Times are ISO 8601 in UTC wherever they can be seen, and milliseconds where they are compared. */
import { BOUNDS } from '@coachloop/contracts';
import { trainingError } from './errors.ts';

export const DAY_MS = 86_400_000;
export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** A time of ours or a report's, in ms. Throws `TRAINING_TIME_INVALID`: the format allows what no calendar has (second 60). */
export function msOf(time: string, pointer = ''): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms))
    throw trainingError('TRAINING_TIME_INVALID', `${JSON.stringify(time)} is no time we can read.`, pointer);
  return ms;
}

/** The time of something reported as done: neither ancient nor more than a day ahead of our clock. */
export function reportedMs(time: string, now: number, pointer: string): number {
  const ms = msOf(time, pointer);
  if (ms <= BOUNDS.time_ms_min || ms > now + BOUNDS.future_ms_max)
    throw trainingError(
      'TRAINING_TIME_INVALID',
      `${time} is ${ms > now ? 'in the future' : 'before the year 2000'}; report what has happened, in UTC.`,
      pointer,
    );
  return ms;
}

/** Times are ISO 8601 in UTC wherever they can be seen, and milliseconds where they are compared. */
import { DomainError } from '@coachloop/contracts';

export const DAY_MS = 86_400_000;
export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Throws `EVALUATION_TIME_INVALID`: the format of the contract allows what no calendar has (second 60). */
export function msOf(time: string, pointer: string): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms))
    throw new DomainError('EVALUATION_TIME_INVALID', `${JSON.stringify(time)} is no time we can read.`, 422, pointer);
  return ms;
}

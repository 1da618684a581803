/** Times of events: RFC 3339 on the wire, ms since the epoch inside. */
import { type EventFault, eventFault } from './errors.ts';
import { BOUNDS } from './schema.ts';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * RFC 3339 → ms since the epoch; null where it is no time of the calendar. Stricter than `Date.parse`, which turns
 * 30 February into 1 March, and wider: a leap second (23:59:60 UTC) is the first moment of the next day.
 */
export function parseTime(text: string): number | null {
  const m = RFC3339.exec(text);
  if (!m) return null;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day); // Date.UTC would take the year 99 for 1999
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const [offsetHour, offsetMinute] = [Number(m[9] ?? 0), Number(m[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return null;
  const offset = (m[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000;
  const ms = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 - offset;
  if (second === 60 && ms % 86_400_000 !== 0) return null;
  return ms + Math.floor(Number(`0.${m[7] ?? 0}`) * 1000);
}

/**
 * When an event happened: its `time`; absent, now. Times that only a wrong clock can have said are refused, because windows
 * and deadlines are counted from them. `nowMs` is wall-clock time, ms since the epoch.
 */
export function eventTimeOf(
  event: { readonly time?: string },
  nowMs: number,
): { readonly timeMs: number } | { readonly fault: EventFault } {
  if (event.time === undefined) return { timeMs: nowMs };
  const timeMs = parseTime(event.time);
  const fault = timeMs === null ? notATime(event.time) : timeRangeFaultOf(timeMs, nowMs);
  return fault ? { fault } : { timeMs: timeMs ?? nowMs };
}

/** For times anywhere in an event: ancient (at or before 2000-01-01) or more than a day ahead of `nowMs`. */
export function timeRangeFaultOf(timeMs: number, nowMs: number, pointer = '/time'): EventFault | null {
  if (timeMs <= BOUNDS.time_ms_min)
    return eventFault(
      'EVENT_TIME_ANCIENT',
      pointer,
      'is not after 2000-01-01T00:00:00Z; the clock of the source is wrong',
    );
  if (timeMs > nowMs + BOUNDS.future_ms_max)
    return eventFault(
      'EVENT_TIME_FUTURE',
      pointer,
      `is more than ${BOUNDS.future_ms_max / 3_600_000} h ahead of our clock`,
    );
  return null;
}

export const notATime = (text: string, pointer = '/time'): EventFault =>
  eventFault(
    'EVENT_TIME_INVALID',
    pointer,
    `${JSON.stringify(text.slice(0, 40))} is not RFC 3339, e.g. 2026-05-04T09:30:00Z`,
  );

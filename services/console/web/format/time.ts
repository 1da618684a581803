/** Durations as 3:07, moments in the browser's zone. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const two = (n: number): string => String(n).padStart(2, '0');

/** Cut to whole seconds (from a day on: hours), as clocks are: the same moment then reads the same everywhere. 0:42, 3:07, 1:02:09; from a day on `2 d 4 h`, in the unit letters given. */
export function duration(ms: number, units: { day: string; hour: string } = { day: 'd', hour: 'h' }): string {
  const seconds = Math.floor(Math.abs(ms) / SECOND_MS);
  const sign = ms <= -SECOND_MS ? '−' : '';
  if (seconds * SECOND_MS >= DAY_MS) {
    const hours = Math.floor(seconds / 3600);
    const rest = hours % 24;
    return `${sign}${Math.floor(hours / 24)} ${units.day}${rest === 0 ? '' : ` ${rest} ${units.hour}`}`;
  }
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  return `${sign}${h > 0 ? `${h}:${two(m)}` : m}:${two(s)}`;
}

export interface MomentFormats {
  /** Short: the time today, else day and time. */
  short(ms: number, nowMs: number): string;
  /** Everything, with the zone: for the tooltip. */
  exact(ms: number): string;
  clock(ms: number): string;
  day(ms: number): string;
}

export function momentsFor(locale: string): MomentFormats {
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const dayClock = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' });
  const dayOf = (ms: number) => new Date(ms).toDateString();
  return {
    short: (ms, nowMs) => (dayOf(ms) === dayOf(nowMs) ? clock : dayClock).format(ms),
    exact: (ms) => exact.format(ms),
    clock: (ms) => clock.format(ms),
    day: (ms) => day.format(ms),
  };
}

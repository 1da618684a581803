import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOUNDS, eventTimeOf, parseTime } from '../src/index.ts';

const now = Date.parse('2026-05-04T09:30:00Z');
const codeOf = (time: string) => {
  const found = eventTimeOf({ time }, now);
  return 'fault' in found ? `${found.fault.code} ${found.fault.pointer}` : found.timeMs;
};

test('an event without a time happened now', () => {
  expect(eventTimeOf({}, now)).toEqual({ timeMs: now });
});

test('times of wrong clocks are refused, on either side of the bound', () => {
  expect(codeOf(new Date(BOUNDS.time_ms_min).toISOString())).toBe('EVENT_TIME_ANCIENT /time');
  expect(codeOf(new Date(BOUNDS.time_ms_min + 1).toISOString())).toBe(BOUNDS.time_ms_min + 1);
  expect(codeOf(new Date(now + BOUNDS.future_ms_max).toISOString())).toBe(now + BOUNDS.future_ms_max);
  expect(codeOf(new Date(now + BOUNDS.future_ms_max + 1).toISOString())).toBe('EVENT_TIME_FUTURE /time');
  expect(codeOf('0099-01-01T00:00:00Z')).toBe('EVENT_TIME_ANCIENT /time');
  expect(codeOf('now')).toBe('EVENT_TIME_INVALID /time');
});

test('RFC 3339 is read as Date does, to the millisecond', () => {
  const times = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
  fc.assert(
    fc.property(times, fc.integer({ min: -1439, max: 1439 }), (date, offset) => {
      const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const two = (n: number) => String(Math.abs(Math.trunc(n))).padStart(2, '0');
      const text = `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
      expect(parseTime(text)).toBe(date.getTime());
      expect(parseTime(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test.each([
  ['2026-02-30T00:00:00Z', null],
  ['2026-13-01T00:00:00Z', null],
  ['2026-05-04T24:00:00Z', null],
  ['2026-05-04T09:30Z', null],
  ['2026-05-04 09:30:00Z', null],
  ['2026-05-04T09:30:00', null],
  ['2026-05-04T09:30:00+24:00', null],
  ['2026-05-04T09:30:60Z', null], // no leap second is there
  ['2016-12-31T23:59:60Z', Date.parse('2017-01-01T00:00:00Z')],
  ['2017-01-01T01:59:60+02:00', Date.parse('2017-01-01T00:00:00Z')],
  ['2024-02-29t00:00:00.1z', Date.parse('2024-02-29T00:00:00.100Z')],
  ['2024-02-29T00:00:00.9999999Z', Date.parse('2024-02-29T00:00:00.999Z')],
])('%s is %s', (text, ms) => {
  expect(parseTime(text)).toBe(ms);
});

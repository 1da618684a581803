/** Times, scores and words as people read them in a terminal. */
import { styleText } from 'node:util';

/** 3:07, or 1:02:09; cut, as the console does it. */
export function clockOf(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** 2026-03-01 08:12:03 UTC, to the second. */
export const momentOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;

/** At most one decimal; unknown is a dash, never 0. */
export const numberOf = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : String(Math.round(value * 10) / 10);

export const signed = (value: number | null | undefined): string =>
  typeof value === 'number' && value > 0 ? `+${numberOf(value)}` : numberOf(value);

const MARKS = { yes: '✓', no: '✗', na: '–' } as const;
const COLOURS = { yes: 'green', no: 'red', na: 'dim' } as const;
export type AnswerValue = keyof typeof MARKS;
/** The sign differs, not only the colour; colours only in a terminal that wants them. */
export const markOf = (value: AnswerValue): string => styleText(COLOURS[value], MARKS[value]);

export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);

const QUOTE_MAX = 160;
/** One line of what was said. Control characters would speak to the terminal, so they are left out. */
export function quote(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > QUOTE_MAX ? `${[...line].slice(0, QUOTE_MAX).join('')}…` : line;
}

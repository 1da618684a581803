/** What the rules share: whose words, and where in the call. */
import { type Finding, na } from '../finding.ts';
import type { Within } from '../form/rule-schema.ts';
import type { Mention, Speech } from '../speech.ts';
import { findIn, type Matcher } from '../text/matcher.ts';
import type { CallView } from '../view.ts';

export type Side = 'agent' | 'customer' | 'any';
/** Makes a matcher of phrases, once per list. */
export type Compile = (phrases: readonly string[], options?: { exact?: boolean }) => Matcher;

export const speechOf = (view: CallView, by: Side): Speech => view[by];

/** Why a rule about this side's words cannot be answered; null: it can. */
export function unanswerable(view: CallView, by: Side): Finding | null {
  if (view.segments.length === 0) return na('no-transcript');
  if (view[by].places.length > 0) return null;
  return na(view.unknown.places.length > 0 ? 'speakers-unknown' : `no-${by === 'any' ? '' : `${by}-`}words`);
}

/** Turns [from, to) of the side's speech; null: the source has no times. */
export function rangeOf(view: CallView, speech: Speech, within: Within | undefined): readonly [number, number] | null {
  const size = speech.places.length;
  if (within?.first !== undefined) return [0, Math.min(within.first, size)];
  if (within?.last !== undefined) return [Math.max(0, size - within.last), size];
  if (within?.firstSeconds === undefined && within?.lastSeconds === undefined) return [0, size];
  const starts = speech.places.map((at) => view.segments[at]?.startMs);
  const known = view.segments.flatMap((segment) => segment.endMs ?? segment.startMs ?? []);
  if (starts.some((start) => start === undefined) || known.length === 0) return null;
  const first = view.segments[0]?.startMs ?? 0;
  const last = Math.max(...known.slice(-50));
  const inside = (start: number | undefined) =>
    start !== undefined &&
    (within.firstSeconds === undefined || start - first <= within.firstSeconds * 1_000) &&
    (within.lastSeconds === undefined || last - start <= within.lastSeconds * 1_000);
  const from = starts.findIndex(inside);
  return from < 0 ? [0, 0] : [from, starts.findLastIndex(inside) + 1];
}

/** Mentions that no `except` phrase covers. */
export function uncovered(view: CallView, mentions: readonly Mention[], except: Matcher | null): readonly Mention[] {
  if (except === null) return mentions;
  return mentions.filter((mention) => !isCovered(view.folded[mention.at] ?? '', mention, except.plain));
}

function isCovered(folded: string, mention: Mention, except: RegExp): boolean {
  let position = 0;
  for (;;) {
    const hit = findIn(except, folded, position, folded.length);
    if (hit === null || hit.start >= mention.end) return false;
    if (hit.end > mention.start) return true;
    position = Math.max(hit.end, hit.start + 1);
  }
}

/** Whether turns that may be this side's contain it. */
export const perhapsSaid = (view: CallView, by: Side, matcher: Matcher): boolean =>
  by !== 'any' && view.unknown.places.length > 0 && view.unknown.find(matcher) !== null;

/** The numbers in `speech` of the last `turns` turns that began before place `before`; neighbours are one turn. */
export function turnsBefore(speech: Speech, before: number, turns: number): readonly [number, number] {
  const to = speech.rank(before);
  let from = to;
  let count = 0;
  while (from > 0) {
    const joined = from < to && speech.places[from] === (speech.places[from - 1] ?? 0) + 1;
    if (!joined && ++count > turns) break;
    from--;
  }
  return [from, to];
}

/** The numbers in `speech` of the next `turns` turns after place `after`. */
export function turnsAfter(speech: Speech, after: number, turns: number): readonly [number, number] {
  const from = speech.rank(after + 1);
  let to = from;
  let count = 0;
  while (to < speech.places.length) {
    const joined = to > from && speech.places[to] === (speech.places[to - 1] ?? 0) + 1;
    if (!joined && ++count > turns) break;
    to++;
  }
  return [from, to];
}

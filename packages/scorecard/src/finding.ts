/** What a rule says of a call, and how it points at what it saw. */
import type { Evidence } from '@coachloop/contracts';
import type { Mention } from './speech.ts';
import { offsetsOf } from './text/normalize.ts';
import type { CallView } from './view.ts';

export interface Finding {
  readonly value: 'yes' | 'no' | 'na';
  /** A stable word; see the documentation of scorecards. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}
/** A compiled rule. Pure. */
export type Check = (view: CallView) => Finding;

/** Few and telling: a person reads them. */
export const EVIDENCE_MAX = 5;
const EVIDENCE_CHARS_MAX = 200;

export const na = (reason: string): Finding => ({ value: 'na', reason, evidence: [] });

/** Points at the exact words, as they stand in the segment. */
export function quote(view: CallView, mention: Mention): Evidence {
  const segment = view.segments[mention.at];
  if (segment === undefined) return { text: '' };
  const offsets = offsetsOf(segment.text);
  const from = offsets[mention.start] ?? 0;
  const to = (offsets[mention.end - 1] ?? segment.text.length - 1) + 1;
  return point(view, mention.at, segment.text.slice(from, to));
}

/** Points at a segment; without words of one's own at its beginning. */
export function point(view: CallView, at: number, words?: string): Evidence {
  const segment = view.segments[at];
  if (segment === undefined) return { text: words ?? '' };
  const text = (words ?? segment.text).slice(0, EVIDENCE_CHARS_MAX);
  return {
    segment: segment.index,
    ...(segment.startMs === undefined ? {} : { startMs: segment.startMs }),
    ...(segment.endMs === undefined ? {} : { endMs: segment.endMs }),
    // A cut through a surrogate pair would not survive UTF-8.
    text: text.isWellFormed() ? text : text.toWellFormed(),
  };
}

/** Where something was looked for and not found: the first and last of the segments. */
export function lookedAt(view: CallView, places: readonly number[]): Evidence[] {
  const shown = places.length <= 3 ? places : [...places.slice(0, 2), ...places.slice(-1)];
  return shown.map((at) => point(view, at));
}

/** Something measured between two moments of the call. */
export const measured = (startMs: number, endMs: number, text: string): Evidence => ({ startMs, endMs, text });

/** What one side said, as one text that phrases are looked for in. */
import type { Segment } from '@coachloop/contracts';
import { findIn, type Matcher } from './text/matcher.ts';
import { normalize, soundOf } from './text/normalize.ts';

export interface Mention {
  /** Place in the list of segments (not `segment.index`). */
  readonly at: number;
  /** Bounds in the folded text of the segment. */
  readonly start: number;
  readonly end: number;
  /** Recognised by how it sounds, not by how it is written. */
  readonly bySound: boolean;
}

/** The turns of one side, joined by line breaks, which no phrase crosses. */
export class Speech {
  /** Places of its segments, rising. */
  readonly places: readonly number[];
  private readonly text: string;
  private readonly starts: readonly number[];
  private sounds: string | undefined;

  constructor(places: readonly number[], folded: readonly string[]) {
    this.places = places;
    const starts: number[] = [];
    let size = 0;
    for (const place of places) {
      starts.push(size);
      size += (folded[place]?.length ?? 0) + 1;
    }
    this.starts = starts;
    this.text = places.map((place) => folded[place] ?? '').join('\n');
  }

  /** How many of its segments come before the place. */
  rank(place: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first mention in its segments number `from` (included) to `to` (excluded): as written, else by sound. */
  find(matcher: Matcher, from = 0, to = this.places.length): Mention | null {
    const start = this.starts[from];
    if (start === undefined || from >= to) return null;
    const end = this.starts[to] ?? this.text.length;
    const hit = findIn(matcher.plain, this.text, start, end);
    if (hit !== null) return this.mention(hit.start, hit.end, false);
    if (matcher.sound === null) return null;
    this.sounds ??= soundOf(this.text);
    const heard = findIn(matcher.sound, this.sounds, start, end);
    return heard === null ? null : this.mention(heard.start, heard.end, true);
  }

  /** Whether one segment (its number here) mentions it; cheaper than `find` where only the answer counts. */
  has(matcher: Matcher, number: number): boolean {
    return this.find(matcher, number, number + 1) !== null;
  }

  /** Mentions as written, at most one per segment unless `every`; at most `limit`. */
  findAll(matcher: Matcher, limit: number, from = 0, to = this.places.length, every = false): readonly Mention[] {
    const found: Mention[] = [];
    let position = this.starts[from];
    const end = this.starts[to] ?? this.text.length;
    while (position !== undefined && found.length < limit) {
      const hit = findIn(matcher.plain, this.text, position, end);
      if (hit === null) break;
      const mention = this.mention(hit.start, hit.end, false);
      found.push(mention);
      position = every ? Math.max(hit.end, hit.start + 1) : this.starts[this.rank(mention.at) + 1];
    }
    return found;
  }

  private mention(start: number, end: number, bySound: boolean): Mention {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const offset = this.starts[low] ?? 0;
    return { at: this.places[low] ?? 0, start: start - offset, end: end - offset, bySound };
  }
}

export const foldSegments = (segments: readonly Segment[]): string[] =>
  segments.map((segment) => normalize(segment.text));

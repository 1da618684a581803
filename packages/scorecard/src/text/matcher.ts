/** Many phrases as one pass over the text. */
import { compilePhrase, type PhraseSets } from './phrase.ts';

export interface Hit {
  readonly start: number;
  readonly end: number;
}

/** Finds any of its phrases. `plain` reads folded text; `sound` reads folded text in sounds, null where that is not wanted. */
export interface Matcher {
  readonly plain: RegExp;
  readonly sound: RegExp | null;
}

export function compileMatcher(phrases: readonly string[], sets: PhraseSets, bySound: boolean): Matcher {
  const compiled = phrases.map((phrase) => compilePhrase(phrase, sets));
  const sounds = bySound ? compiled.flatMap((phrase) => phrase.soundSource ?? []) : [];
  return {
    plain: new RegExp(compiled.map((phrase) => phrase.source).join('|'), 'g'),
    sound: sounds.length > 0 ? new RegExp(sounds.join('|'), 'g') : null,
  };
}

/** The first place at or after `from` that begins before `to`; null: none. */
export function findIn(regexp: RegExp, text: string, from: number, to: number): Hit | null {
  if (from >= to) return null;
  regexp.lastIndex = from;
  const match = regexp.exec(text);
  if (match === null || match.index >= to) return null;
  return { start: match.index, end: match.index + match[0].length };
}

/** Many phrases as one pass over the text. */
import { compilePhrase, type PhraseSets, type PhraseSource } from './phrase.ts';

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
  const compiled = phrases.flatMap((phrase) => membersOf(phrase, sets)).map((phrase) => compilePhrase(phrase, sets));
  const sounds = bySound ? compiled.flatMap((phrase) => phrase.bySound ?? []) : [];
  return {
    plain: new RegExp(union(compiled), 'g'),
    sound: sounds.length > 0 ? new RegExp(union(sounds), 'g') : null,
  };
}

/** A phrase that is nothing but a set stands for the phrases of the set, each on its own. */
function membersOf(phrase: string, sets: PhraseSets): readonly string[] {
  const name = /^\{([\w-]+)\}$/.exec(phrase)?.[1];
  return name !== undefined && Object.hasOwn(sets, name) ? (sets[name] ?? []) : [phrase];
}

/**
 * The phrases as one expression, sorted by the character they begin with: at each place of the text one look rules most of
 * them out. Written plainly, as a list of alternatives, the same takes about three times as long.
 */
function union(phrases: readonly PhraseSource[]): string {
  const words = phrases.filter((phrase) => phrase.wordStart);
  const others = phrases.filter((phrase) => !phrase.wordStart);
  const parts = [
    ...(words.length > 0 ? [`(?<![a-z0-9])(?:${byFirst(words)})`] : []),
    ...(others.length > 0 ? [byFirst(others)] : []),
  ];
  const firsts = phrases.map((phrase) => phrase.firsts);
  const guard = firsts.includes(null) ? '' : `(?=[${[...new Set(firsts.join(''))].sort().join('')}])`;
  return `${guard}(?:${parts.join('|')})`;
}

function byFirst(phrases: readonly PhraseSource[]): string {
  const chars = [...new Set(phrases.map((phrase) => phrase.firsts ?? '').join(''))].sort();
  const groups = new Map<string, string>();
  for (const char of chars) {
    const source = phrases.flatMap((phrase) => (phrase.firsts?.includes(char) ? [phrase.source] : [])).join('|');
    groups.set(source, (groups.get(source) ?? '') + char);
  }
  const open = phrases.flatMap((phrase) => (phrase.firsts === null ? [phrase.source] : []));
  return [...[...groups].map(([source, firsts]) => `(?=[${firsts}])(?:${source})`), ...open].join('|');
}

/** The first place at or after `from` that begins before `to`; null: none. */
export function findIn(regexp: RegExp, text: string, from: number, to: number): Hit | null {
  if (from >= to) return null;
  regexp.lastIndex = from;
  const match = regexp.exec(text);
  if (match === null || match.index >= to) return null;
  return { start: match.index, end: match.index + match[0].length };
}

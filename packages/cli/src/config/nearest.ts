/** The name that was probably meant: the one with the fewest letters to change, where those are few. */
const CHANGES_MAX = 3;
/** Of a short name, few letters are much of it. */
const CHANGED_SHARE_MAX = 1 / 3;

/** `prefix`: what many names begin with, which makes none of them near. */
export function nearest(name: string, known: readonly string[], prefix = /^/): string | null {
  const own = name.replace(prefix, '');
  let best: string | null = null;
  let least = Math.min(CHANGES_MAX, Math.floor(own.length * CHANGED_SHARE_MAX)) + 1;
  for (const each of known) {
    const changes = distance(name, each);
    if (changes < least) [best, least] = [each, changes];
  }
  return best;
}

/** Levenshtein: letters put in, left out or exchanged. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const exchanged = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

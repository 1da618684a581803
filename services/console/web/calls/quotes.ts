/** Finds the quoted words of the evidence in a segment, as they stand there. Pure. */

export interface Piece {
  readonly text: string;
  readonly mark: boolean;
  /** Where it begins, UTF-16 units. */
  readonly at: number;
}

/** Cuts a text into pieces, marked where a quote stands (its first occurrence). A quote of the whole segment marks nothing. */
export function marked(text: string, quotes: readonly string[]): readonly Piece[] {
  const spans = quotes
    .filter((quote) => quote !== '' && quote !== text)
    .map((quote) => ({ from: text.indexOf(quote), to: text.indexOf(quote) + quote.length }))
    .filter(({ from }) => from >= 0)
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { from, to } of spans) {
    if (to <= at) continue;
    const start = Math.max(from, at);
    if (start > at) pieces.push({ text: text.slice(at, start), mark: false, at });
    pieces.push({ text: text.slice(start, to), mark: true, at: start });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), mark: false, at });
  return pieces;
}

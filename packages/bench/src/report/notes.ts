/** What the rounds of a measure noted, as one list. */
const NUMBER = /\d+(?:\.\d+)?/g;

/** Notes that differ in their figures alone become one, which tells the lowest and the highest: `112` and `106` are `106–112`. */
export function withRanges(notes: Iterable<string>): readonly string[] {
  const alike = Map.groupBy(notes, (note) => note.replaceAll(NUMBER, '#'));
  return [...alike.values()].map((group) => {
    const rounds = group.map((note) => note.match(NUMBER) ?? []);
    let place = 0;
    return (group[0] ?? '').replaceAll(NUMBER, () => {
      const sorted = rounds.map((numbers) => numbers[place] ?? '').toSorted((a, b) => Number(a) - Number(b));
      place += 1;
      const [low, high] = [sorted[0], sorted.at(-1)];
      return low === high ? `${low}` : `${low}–${high}`;
    });
  });
}

/**
 * A bag of whole numbers under names: the one data structure of these projections. Adding is commutative and associative, so
 * neither the order of events nor the way they are spread over shares can be seen in the sums. Amounts are counted in units
 * so small that they are whole (milliseconds, hundredths of a point): whole numbers add up the same in any order.
 */
export type Bag = Readonly<Record<string, number>>;

export const EMPTY: Bag = {};

/** What comes to 0 leaves the bag, so that equal sums are equal bags. */
export function add(a: Bag, b: Bag): Bag {
  const sum: Record<string, number> = { ...a };
  for (const name in b) {
    const value = (sum[name] ?? 0) + (b[name] ?? 0);
    if (value === 0) delete sum[name];
    else sum[name] = value;
  }
  return sum;
}

export const negated = (bag: Bag): Bag =>
  Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, -value]));

export const sumOf = (bags: readonly Bag[]): Bag => bags.reduce(add, EMPTY);

/** Parts of a name come from outside; no choice of them makes two names meet. */
const escaped = (part: string): string => part.replaceAll('%', '%25').replaceAll('|', '%7C');
export const nameOf = (...parts: readonly string[]): string => parts.map(escaped).join('|');
export const partsOf = (name: string): readonly string[] =>
  name.split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));

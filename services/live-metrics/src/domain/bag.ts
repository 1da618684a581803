/**
 * A bag of whole numbers under names: the one data structure of these projections. Adding is commutative and associative, so
 * neither the order of events nor the way they are spread over shares can be seen in the sums. Amounts are counted in units
 * so small that they are whole (milliseconds, hundredths of a point): whole numbers add up the same in any order.
 */
export type Bag = Readonly<Record<string, number>>;

export const EMPTY: Bag = {};

/** What comes to 0 leaves the bag, so that equal sums are equal bags. */
export const add = (a: Bag, b: Bag): Bag => addInto({ ...a }, b);

/** Adds to `sum` itself, which nobody else may hold: merging many bags would copy the sum once for each. */
export function addInto(sum: Record<string, number>, more: Bag): Record<string, number> {
  for (const name in more) {
    const value = (sum[name] ?? 0) + (more[name] ?? 0);
    if (value === 0) delete sum[name];
    else sum[name] = value;
  }
  return sum;
}

export const negated = (bag: Bag): Bag =>
  Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, -value]));

export const sumOf = (bags: readonly Bag[]): Bag =>
  bags.reduce<Record<string, number>>((sum, bag) => addInto(sum, bag), {});

/** Parts of a name come from outside; no choice of them makes two names meet. */
const escaped = (part: string): string => part.replaceAll('%', '%25').replaceAll('|', '%7C');
export const nameOf = (...parts: readonly string[]): string => parts.map(escaped).join('|');
export const partsOf = (name: string): readonly string[] =>
  name.split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));

/** How many names one bag may have. Names come from outside (queues, questions); a source that invents them is not followed. */
export const NAMES_MAX = 5_000;

/** `more` with the names for which `known` has no room under one name per kind: the second part becomes `(other)`. */
export function withinNames(known: Bag, more: Bag, max = NAMES_MAX): Bag {
  const fresh = Object.keys(more).filter((name) => known[name] === undefined);
  if (fresh.length === 0 || Object.keys(known).length + fresh.length <= max) return more;
  return Object.entries(more).reduce<Bag>((bag, [name, value]) => {
    const [kind = '', , ...rest] = partsOf(name);
    return add(bag, { [known[name] === undefined ? nameOf(kind, '(other)', ...rest) : name]: value });
  }, EMPTY);
}

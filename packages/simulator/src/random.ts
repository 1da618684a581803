/**
 * The only source of chance here: sfc32 (Doty-Humphrey, PractRand), seeded by cyrb128 from a list of words. A stream is named, never
 * shared: `randomOf(seed, 'call', 'A001', 7)` is the same whatever else was drawn before, so that training one agent changes no other's calls.
 * Integer arithmetic and multiplication alone, no Math.log or Math.sin, whose last bit differs between machines.
 */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number, both ends included. */
  int(min: number, max: number): number;
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  /** From a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Mostly small, seldom near `max`: the mean is a third of it. Stands in for an exponential. */
  skewed(max: number): number;
}

export function randomOf(...name: readonly (string | number)[]): Random {
  const next = sfc32(cyrb128(name.join('\u001f')));
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      const picked = list[Math.floor(next() * list.length)];
      if (picked === undefined) throw new RangeError('pick from an empty list');
      return picked;
    },
    skewed: (max) => {
      const u = next();
      return u * u * max;
    },
  };
}

/** A new list in random order (Fisher–Yates). */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  const out: T[] = [];
  while (rest.length > 0) out.push(...rest.splice(random.int(0, rest.length - 1), 1));
  return out;
}

/** By shares, e.g. `{ en: 0.6, zh: 0.4 }`; shares need not add up to 1. */
export function pickByShare<K extends string>(shares: Readonly<Record<K, number>>, random: Random): K {
  const entries = Object.entries(shares) as [K, number][];
  let total = 0;
  for (const [, share] of entries) total += share;
  let left = random.next() * total;
  for (const [key, share] of entries) {
    left -= share;
    if (left < 0) return key;
  }
  const last = entries.findLast(([, share]) => share > 0);
  if (!last) throw new RangeError('no share above 0');
  return last[0];
}

type Seed4 = readonly [number, number, number, number];

function cyrb128(text: string): Seed4 {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
}

function sfc32([s0, s1, s2, s3]: Seed4): () => number {
  let a = s0 | 0;
  let b = s1 | 0;
  let c = s2 | 0;
  let d = s3 | 0;
  const step = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) step();
  return step;
}

/** Numbers as people read them: per locale, without false decimals. Null is unknown and gives null, never 0. */

export interface Formats {
  readonly locale: string;
  whole(value: number): string;
  /** 0–100 points. */
  score(value: number): string;
  /** Points that are to be told from others: with as few decimals as that takes, two at most. */
  scoreBeside(value: number, other: number): string;
  /** A share 0–1 as a percentage. */
  percent(share: number): string;
  /** With its sign: +4, −3, ±0. */
  signed(value: number): string;
}

export function formatsFor(locale: string): Formats {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const digits = [0, 1, 2].map((n) => new Intl.NumberFormat(locale, { maximumFractionDigits: n }));
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const small = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  return {
    locale,
    whole: (value) => (Math.abs(value) < 100_000 ? whole.format(value) : compact.format(value)),
    score: (value) => whole.format(value),
    scoreBeside: (value, other) => {
      const texts = digits.map((format) => [format.format(value), format.format(other)] as const);
      return texts.find(([one, two]) => one !== two)?.[0] ?? whole.format(value);
    },
    percent: (share) => (share > 0 && share < 0.0995 ? small.format(share) : percent.format(share)),
    signed: (value) => {
      const rounded = Math.round(value);
      if (rounded === 0) return '±0';
      return `${rounded > 0 ? '+' : '−'}${whole.format(Math.abs(rounded))}`;
    },
  };
}

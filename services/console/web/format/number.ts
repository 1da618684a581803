/** Numbers as people read them: per locale, without false decimals. Null is unknown and gives null, never 0. */

export interface Formats {
  readonly locale: string;
  whole(value: number): string;
  /** 0–100 points; one decimal only below 10. */
  score(value: number): string;
  /** A share 0–1 as a percentage. */
  percent(share: number): string;
  /** With its sign: +4, −3, ±0. */
  signed(value: number): string;
}

export function formatsFor(locale: string): Formats {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const small = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  return {
    locale,
    whole: (value) => (Math.abs(value) < 100_000 ? whole.format(value) : compact.format(value)),
    score: (value) => whole.format(value),
    percent: (share) => (share > 0 && share < 0.0995 ? small.format(share) : percent.format(share)),
    signed: (value) => {
      const rounded = Math.round(value);
      if (rounded === 0) return '±0';
      return `${rounded > 0 ? '+' : '−'}${whole.format(Math.abs(rounded))}`;
    },
  };
}

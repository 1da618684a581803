/** Times in vCons: RFC 3339 by the drafts; in practice also without offset, in RFC 2822, or as a number. */

export interface ReadTime {
  readonly ms: number;
  /** Without an offset we take UTC: a guess by the sender's place would be right for some and silently wrong for others. */
  readonly assumedUtc: boolean;
}

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?/i;
const OFFSET = /(z|[+-]\d{2}:?\d{2})$/i;
const RFC_2822 = /^([A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(:\d{2})? ([+-]\d{4}|GMT|UTC)$/;

export function readTime(value: unknown): ReadTime | undefined {
  if (typeof value === 'number') {
    // Seconds until the year 2286, then milliseconds: no call of ours lies between.
    const ms = value < 1e10 ? value * 1000 : value;
    return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? { ms: Math.round(ms), assumedUtc: false } : undefined;
  }
  if (typeof value !== 'string' || value.length > 60) return undefined;
  const text = value.trim();
  const ms = readText(text);
  return Number.isNaN(ms) ? undefined : { ms, assumedUtc: ISO.test(text) && !OFFSET.test(text) };
}

function readText(text: string): number {
  if (RFC_2822.test(text)) return Date.parse(text);
  if (!ISO.test(text)) return Number.NaN;
  return Date.parse(OFFSET.test(text) ? text : `${text}Z`);
}

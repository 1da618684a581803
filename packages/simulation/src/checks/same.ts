/** Whether two values are the same as JSON, whatever the order of their names: without making texts of them. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return asJson(a) === asJson(b);
  if (a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((part, i) => isSame(part, b[i]));
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let names = 0;
  for (const name in one) {
    if (one[name] === undefined) continue; // JSON has no such field
    names += 1;
    if (!Object.hasOwn(other, name) || other[name] === undefined || !isSame(one[name], other[name])) return false;
  }
  for (const name in other) if (other[name] !== undefined) names -= 1;
  return names === 0;
}

/** What has no JSON is null there, and minus zero is zero. */
function asJson(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== 'number') return value;
  return Number.isFinite(value) ? value + 0 : null;
}

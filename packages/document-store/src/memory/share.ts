/**
 * Freezes it through and through, so that many may hold it and nobody can change it. Parts of an earlier version are frozen
 * already, and are not looked at again: a write costs what is new in it. False: JSON would not give back the same (a field
 * that is undefined, a number that is none, an object of a class), so only a copy will do.
 */
export const isShared = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && freeze(body);

function freeze(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || Object.isFrozen(value) || (freezeParts(value) && Object.isFrozen(Object.freeze(value)));
    default:
      return false;
  }
}

function freezeParts(value: object): boolean {
  if (Array.isArray(value)) return value.every(freeze);
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const name in value) if (!freeze((value as Record<string, unknown>)[name])) return false;
  return true;
}

/** Reading JSON of strangers: nothing is believed about its shape. */

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Trimmed; undefined where there is no text. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
/** A finite number, also when written as a string of digits, e.g. "12.34" or "12.34s". */
export const number = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?s?$/.test(value.trim())
    ? Number.parseFloat(value)
    : undefined;
};

export const pointerOf = (parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export interface JsonFault {
  readonly code: 'JSON_TOO_DEEP' | 'JSON_LONE_SURROGATE';
  readonly path: string;
  readonly reason: string;
}

/**
 * What no part of us may have to carry: nesting that overflows a recursive walk, and half characters, which change on
 * their way through UTF-8 so that two ids become one. Walks with a stack of its own.
 */
export function faultOfJson(root: unknown, depthMax: number): JsonFault | null {
  const stack: { readonly value: unknown; readonly path: readonly (string | number)[] }[] = [{ value: root, path: [] }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { value, path } = entry;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return halfCharacter(path);
    } else if (typeof value === 'object' && value !== null) {
      if (path.length >= depthMax)
        return {
          code: 'JSON_TOO_DEEP',
          path: pointerOf(path.slice(0, 8)),
          reason: `Nested more than ${depthMax} levels deep.`,
        };
      for (const [key, inner] of Object.entries(value)) {
        if (!key.isWellFormed()) return halfCharacter(path);
        if (typeof inner === 'string' || typeof inner === 'object') stack.push({ value: inner, path: [...path, key] });
      }
    }
  }
  return null;
}

const halfCharacter = (path: readonly (string | number)[]): JsonFault => ({
  code: 'JSON_LONE_SURROGATE',
  path: pointerOf(path).toWellFormed(),
  reason: 'Contains half of a surrogate pair, which is no character; send whole Unicode text.',
});

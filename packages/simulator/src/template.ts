/** `Order {order} left on {date}` → parts, split once when the file is read. */
export const SLOTS = [
  'company',
  'agent',
  'customer',
  'city',
  'amount',
  'order',
  'digits',
  'date',
  'due',
  'time',
  'summary',
] as const;
export type Slot = (typeof SLOTS)[number];
export type Values = Readonly<Record<Slot, string>>;

export interface Template {
  readonly source: string;
  /** Text and slots in turn: text first, then slot, text, slot, text … */
  readonly texts: readonly string[];
  readonly slots: readonly Slot[];
}

const isSlot = (word: string): word is Slot => (SLOTS as readonly string[]).includes(word);

/** Returns the unknown slot instead, e.g. `{name}`, where there is one. */
export function compileTemplate(source: string): Template | { readonly unknown: string } {
  const texts: string[] = [];
  const slots: Slot[] = [];
  let from = 0;
  for (const match of source.matchAll(/\{([^{}]*)\}/g)) {
    const word = match[1] ?? '';
    if (!isSlot(word)) return { unknown: match[0] };
    texts.push(source.slice(from, match.index));
    slots.push(word);
    from = match.index + match[0].length;
  }
  texts.push(source.slice(from));
  return { source, texts, slots };
}

export function fill(template: Template, values: Values): string {
  const { texts, slots } = template;
  let out = texts[0] ?? '';
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    if (slot !== undefined) out += values[slot] + (texts[i + 1] ?? '');
  }
  return out;
}

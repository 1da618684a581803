/** Folds text so that phrases match whatever the typography: width, case, punctuation, traditional or simplified characters. */
import { SIMPLIFIED, SOUNDS, TRADITIONAL } from './han.ts';

/** Only so much of one segment is read; what a person says in one turn is far shorter. */
export const SEGMENT_CHARS_MAX = 4_000;

const SPACE = 32;
const DROP = 0;
/** UTF-16 unit → folded unit, SPACE for whatever separates words, DROP for an apostrophe ("I'm" and "Im" are one). */
const FOLD = buildFold();
/** UTF-16 unit → a private-use unit that stands for its sound; others stay. */
const SOUND = buildSounds();

function buildFold(): Uint16Array {
  const fold = new Uint16Array(65_536).fill(SPACE);
  const wordUnit = /^[\p{L}\p{N}\p{M}]$/u;
  for (let unit = 0; unit < 65_536; unit++) {
    const char = String.fromCharCode(unit);
    if (!wordUnit.test(char)) continue;
    const lower = char.toLowerCase();
    fold[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit;
  }
  for (let ascii = 0x21; ascii < 0x7f; ascii++) fold[ascii + 0xfee0] = fold[ascii] ?? SPACE;
  for (const apostrophe of "'’＇`´") fold[apostrophe.charCodeAt(0)] = DROP;
  for (let i = 0; i < TRADITIONAL.length; i++) fold[TRADITIONAL.charCodeAt(i)] = SIMPLIFIED.charCodeAt(i);
  return fold;
}

function buildSounds(): Uint16Array {
  const sound = new Uint16Array(65_536);
  for (let unit = 0; unit < 65_536; unit++) sound[unit] = unit;
  SOUNDS.split(' ').forEach((group, at) => {
    for (const char of group) sound[char.charCodeAt(0)] = 0xe000 + at;
  });
  return sound;
}

export const isHan = (unit: number): boolean => unit >= 0x3400 && unit <= 0x9fff;

let units = new Uint16Array(1_024);
let bytes = Buffer.alloc(1_024);

/** Folded text: lower case, one space between words, none beside Han characters. */
export const normalize = (text: string): string => decode(fold(text, undefined));

/** For each unit of the folded text, the place in `text` that it came from. */
export function offsetsOf(text: string): readonly number[] {
  const offsets: number[] = [];
  fold(text, offsets);
  return offsets;
}

/** Fills `units`; returns how many. */
function fold(text: string, offsets: number[] | undefined): number {
  const length = Math.min(text.length, SEGMENT_CHARS_MAX);
  if (units.length < length * 2) units = new Uint16Array(length * 2);
  let size = 0;
  let previous = 0;
  let gap = false;
  for (let i = 0; i < length; i++) {
    const unit = FOLD[text.charCodeAt(i)] ?? SPACE;
    if (unit === DROP) continue;
    if (unit === SPACE) {
      gap = true;
      continue;
    }
    if (gap && size > 0 && !isHan(previous) && !isHan(unit)) {
      units[size++] = SPACE;
      offsets?.push(i);
    }
    gap = false;
    units[size++] = unit;
    offsets?.push(i);
    previous = unit;
  }
  return size;
}

/** The same length, with each Han character replaced by its sound, so that 公号 finds 工号. Input is folded text. */
export function soundOf(folded: string): string {
  if (units.length < folded.length) units = new Uint16Array(folded.length);
  for (let i = 0; i < folded.length; i++) units[i] = SOUND[folded.charCodeAt(i)] ?? SPACE;
  return decode(folded.length);
}

/** Text without wide characters becomes a one-byte string: expressions run over it faster. */
function decode(size: number): string {
  let all = 0;
  for (let i = 0; i < size; i++) all |= units[i] ?? 0;
  if (all > 0xff) return Buffer.from(units.buffer, 0, size * 2).toString('utf16le');
  if (bytes.length < size) bytes = Buffer.alloc(size * 2);
  for (let i = 0; i < size; i++) bytes[i] = units[i] ?? 0;
  return bytes.toString('latin1', 0, size);
}

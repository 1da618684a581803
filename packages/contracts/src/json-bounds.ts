/** JSON from strangers: what JSON allows but we cannot keep, or could be hurt by. */
import { type EventFault, eventFault } from './errors.ts';

/** One step of a JSON pointer (RFC 6901). */
export const pointerStep = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/**
 * Whether JSON text is nested deeper than `depthMax`, found before parsing: 10 MB of brackets would cost the parser
 * seconds and most of a gigabyte. Strings are skipped by search, so that transcripts cost next to nothing.
 */
export function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      i = endOfString(text, i);
      if (i < 0) return false; // never closed: not JSON, as the parser will say
    } else if (c === 0x5b || c === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (c === 0x5d || c === 0x7d) depth -= 1;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

/** The first thing in parsed JSON that cannot be kept: 1e400 (becomes Infinity), half a surrogate pair, U+0000 in a name. */
export function valueFaultOf(value: unknown, pointer: string, depthMax: number): EventFault | null {
  if (typeof value === 'string')
    return value.isWellFormed()
      ? null
      : eventFault('EVENT_TEXT_INVALID', pointer, 'has half a surrogate pair, which UTF-8 cannot hold');
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? null
      : eventFault('EVENT_NUMBER_TOO_LARGE', pointer, 'is beyond ±1.8e308, the largest number there is');
  if (value === null || typeof value !== 'object') return null;
  if (depthMax === 0) return eventFault('EVENT_BODY_TOO_DEEP', pointer, 'is nested too deeply');
  return Array.isArray(value)
    ? listFaultOf(value, pointer, depthMax - 1)
    : objectFaultOf(value as Readonly<Record<string, unknown>>, pointer, depthMax - 1);
}

/** Pointers are made only once something is wrong: this runs over every field of every event. */
function listFaultOf(list: readonly unknown[], pointer: string, depthMax: number): EventFault | null {
  for (let i = 0; i < list.length; i += 1) {
    const fault = valueFaultOf(list[i], '', depthMax);
    if (fault) return { ...fault, pointer: pointer + pointerStep(i) + fault.pointer };
  }
  return null;
}

function objectFaultOf(
  object: Readonly<Record<string, unknown>>,
  pointer: string,
  depthMax: number,
): EventFault | null {
  for (const name of Object.keys(object)) {
    if (!name.isWellFormed() || name.includes('\0'))
      return eventFault(
        'EVENT_NAME_INVALID',
        pointer,
        `has a field with the name ${JSON.stringify(name.slice(0, 60))}`,
      );
    const fault = valueFaultOf(object[name], '', depthMax);
    if (fault) return { ...fault, pointer: pointer + pointerStep(name) + fault.pointer };
  }
  return null;
}

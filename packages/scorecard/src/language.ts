/** In which language a call was held. */
import type { ScoredCall } from './call.ts';
import { isHan } from './text/normalize.ts';

const ENGLISH = /\b(?:the|and|you|your|is|are|to|for|have|can|please|thank|thanks|hello|my|what|how)\b/gi;
const LETTERS_READ_MAX = 2_000;

/**
 * What the source says (the transcript's word before the call's); else what the writing shows: Han characters are `zh`, common
 * English words `en`; else undefined. Other languages are not guessed.
 */
export function languageOf(call: ScoredCall): string | undefined {
  const stated = call.transcript?.language ?? call.language;
  if (stated !== undefined) return stated;
  let text = '';
  for (const segment of call.transcript?.segments ?? []) {
    text += `${segment.text}\n`;
    if (text.length >= LETTERS_READ_MAX) break;
  }
  text = text.slice(0, LETTERS_READ_MAX);
  let han = 0;
  let latin = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isHan(unit)) han++;
    else if ((unit | 32) >= 97 && (unit | 32) <= 122) latin++;
  }
  // A Han character says about as much as four letters.
  if (han > 0 && han * 4 >= latin) return /[\u3040-\u30ff]/.test(text) ? undefined : 'zh';
  const words = text.match(ENGLISH)?.length ?? 0;
  return words >= 3 && words * 40 >= latin ? 'en' : undefined;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marked } from '../web/calls/quotes.ts';

const marks = (text: string, quotes: readonly string[]) =>
  marked(text, quotes).flatMap((piece) => (piece.mark ? [piece.text] : []));

describe('quotes of the evidence in a segment', () => {
  it('are marked as they stand there, in the order of the text', () => {
    expect(marks('Good morning, thank you for calling.', ['thank you', 'Good morning'])).toEqual([
      'Good morning',
      'thank you',
    ]);
  });

  it('that overlap are marked once', () => {
    expect(marks('感谢您的来电，再见', ['感谢您', '您的来电'])).toEqual(['感谢您', '的来电']);
  });

  it('of the whole segment, or not in it, mark nothing', () => {
    expect(marks('Goodbye.', ['Goodbye.', 'Hello'])).toEqual([]);
  });

  it('never change the text, whatever they are', () => {
    const piece = fc.string({ unit: 'grapheme', maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(piece, { maxLength: 6 }), (parts, others) => {
        const text = parts.join('');
        const pieces = marked(text, [...parts, ...others]);
        expect(pieces.map((one) => one.text).join('')).toBe(text);
        for (const one of pieces) expect(text.startsWith(one.text, one.at)).toBe(true);
      }),
    );
  });
});

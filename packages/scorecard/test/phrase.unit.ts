import { describe, expect, it } from 'vitest';
import { FormError } from '../src/index.ts';
import { compileMatcher, findIn } from '../src/text/matcher.ts';
import { normalize, offsetsOf, soundOf } from '../src/text/normalize.ts';

const finds = (phrase: string, text: string, sets = {}) => {
  const folded = normalize(text);
  return findIn(compileMatcher([phrase], sets, false).plain, folded, 0, folded.length) !== null;
};

describe('folding', () => {
  it.each([
    ['Hello,  WORLD!', 'hello world'],
    ["I'm sure", 'im sure'],
    ['ＡＢＣ１２３', 'abc123'],
    ['您好，歡迎致電！', '您好欢迎致电'],
    ['您的 license 到期', '您的license到期'],
    ['', ''],
  ])('%j becomes %j', (text, folded) => expect(normalize(text)).toBe(folded));

  it('gives for each folded unit its place in the text', () => {
    const text = '“Hi”,  您 好';
    const folded = normalize(text);
    const places = offsetsOf(text);
    expect(places).toHaveLength(folded.length);
    expect(places.map((place) => normalize(text[place] ?? ''))).toEqual(
      [...folded].map((char) => char.trim()).map((c, i) => c || normalize(text[places[i] ?? 0] ?? '')),
    );
  });

  it('maps characters that sound alike to one, and keeps the length', () => {
    expect(soundOf('公号')).toBe(soundOf('工号'));
    expect(soundOf('你号')).toBe(soundOf('您好'));
    expect(soundOf('工号')).not.toBe(soundOf('工资'));
  });
});

describe('phrases', () => {
  it.each([
    ['thank you for (calling|contacting)', 'THANK YOU, for contacting us', true],
    ['(good ?bye|so long)', 'and goodbye', true],
    ['(good ?bye|so long)', 'Good bye!', true],
    ['takes? two days', 'it take two days', true],
    ['takes? two days', 'it taken two days', false],
    ['thank you for (calling|contacting)', 'thank you for nothing', false],
    ['(kindly )?hold', 'please kindly hold', true],
    ['hold', 'the household', false],
    ['apologi*', 'my apologies', true],
    ['sorry .. inconvenience', 'sorry for the inconvenience', true],
    ['sorry .. inconvenience', 'sorry that it took so very long, what an inconvenience', false],
    ['within <n> (hours|days)', 'within 24 hours', true],
    ['within <n> (hours|days)', 'within three days', true],
    ['<n>小时', '二十四小时内', true],
    ['will (now |just |also )*send', 'we will now also send it', true],
    ['您.. license', '您的 license', true],
    ['稽核|核實', '帮您核实一下', true],
    ["i'm sorry", 'Im sorry', true],
  ])('%j in %j: %j', (phrase, text, found) => expect(finds(phrase, text)).toBe(found));

  it('stands for any phrase of a set', () => {
    expect(finds('by {day}', 'by Friday then', { day: ['monday', 'friday'] })).toBe(true);
  });

  it.each(['(open', 'closed)', '{nobody}', '...', '*', '(a|b', 'a ... b ... c ... d ... e'])(
    'refuses %j with a message that names it',
    (phrase) => {
      expect(() => compileMatcher([phrase], {}, false)).toThrow(FormError);
      expect(() => compileMatcher([phrase], {}, false)).toThrow(JSON.stringify(phrase).slice(1, -1));
    },
  );

  it('refuses a set that contains itself', () => {
    expect(() => compileMatcher(['{a}'], { a: ['x {a}'] }, false)).toThrow(/contains itself/);
  });

  it('takes time in proportion to the text, even for text made to be slow', () => {
    const { plain } = compileMatcher(['a ... a ... b', '(a )*a .. a .. b'], {}, false);
    const costOf = (size: number) => {
      const text = 'a '.repeat(size);
      const began = process.cpuUsage().user;
      expect(findIn(plain, text, 0, text.length)).toBeNull();
      return process.cpuUsage(undefined).user - began;
    };
    costOf(500);
    const small = costOf(500);
    // Sixteen times the text; quadratic would be 256 times the work.
    expect(costOf(8_000)).toBeLessThan(Math.max(small, 2_000) * 100);
  });
});

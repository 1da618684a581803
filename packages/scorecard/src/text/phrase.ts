/**
 * The little language of phrases. Everything in it is bounded, so that matching takes linear time whatever the text:
 *
 *   thank you for (calling|contacting)    words, alternatives; a group may be optional: (kindly )?
 *   will (now |just |also )*send          a group that may stand up to three times
 *   apologi*                              the rest of a word, up to 12 letters
 *   takes?  good ?bye                     a letter or space that may be missing
 *   sorry .. inconvenience                a gap of up to 15 characters; `...` is one of up to 40
 *   <n>                                   a number in digits or words, in English or Chinese
 *   {time}                                any phrase of the set `time` of the form or its lexicon
 *
 * Latin words match whole words only. Upper case, punctuation and traditional characters do not matter.
 */
import { FormError } from '../errors.ts';
import { isHan, normalize, soundOf } from './normalize.ts';

export type PhraseSets = Readonly<Record<string, readonly string[]>>;

/** Ways through gaps and optional parts at one place of the text, at most: what keeps a phrase linear. */
const WAYS_MAX = 5_000;
const PHRASE_CHARS_MAX = 800;
const DEPTH_MAX = 6;
const REPEATS = 3;
const GAPS: Readonly<Record<string, number>> = { '..': 15, '...': 40 };

/** In `firsts`: any character. */
const ANY = '.';
const NUMBER_FIRSTS = '0123456789零〇一二两三四五六七八九十百千万幺半几otfsenhc';
const NUMBER =
  '(?:[0-9零〇一二两三四五六七八九十百千万幺半几]{1,8}|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|sixty|ninety|hundred|couple of|few)(?![a-z]))';

interface Piece {
  readonly source: string;
  readonly ways: number;
  /** The characters it can begin with. */
  readonly firsts: string;
  /** It can match nothing. */
  readonly empty: boolean;
}

export interface PhraseSource {
  readonly source: string;
  /** What it can begin with; null: anything. */
  readonly firsts: string | null;
  /** It may not begin inside a Latin word. */
  readonly wordStart: boolean;
}

export interface CompiledPhrase extends PhraseSource {
  /** The same for text in sounds; null where the phrase is too short to be safe by sound. */
  readonly bySound: PhraseSource | null;
}

/** Reads one phrase. Throws FormError PHRASE_INVALID, naming the phrase. */
export function compilePhrase(phrase: string, sets: PhraseSets): CompiledPhrase {
  const reader = new PhraseReader(phrase, sets, 0);
  const piece = reader.read();
  const han = [...phrase].filter((char) => isHan(char.charCodeAt(0))).length;
  const firsts = piece.empty || piece.firsts.includes(ANY) ? null : piece.firsts;
  const source = wholeEnd(piece.source);
  const wordStart = beginsWord(piece.source);
  // Operators and classes are ASCII, and numerals within classes keep their place by becoming sounds as the text does.
  const bySound =
    han >= 2 ? { source: soundOf(source), firsts: firsts === null ? null : soundOf(firsts), wordStart } : null;
  return { source, firsts, wordStart, bySound };
}

/** A phrase that ends with a Latin letter or digit may not end inside a word. */
const wholeEnd = (source: string): string =>
  /[a-z0-9][)?|]*$/.test(source) ? `(?:${source})(?![a-z0-9])` : `(?:${source})`;

/** A phrase that begins with a Latin letter or digit may not begin inside a word; those with brackets go by their first letter. */
const beginsWord = (source: string): boolean => {
  const bare = source.replaceAll(/\(\?:|\(\?<!\[a-z0-9\]\(\?=\[a-z0-9\]\)\)/g, '');
  return /[a-z0-9]/.test(/[\p{L}\p{N}[]/u.exec(bare)?.[0] ?? '');
};

class PhraseReader {
  private at = 0;
  private readonly phrase: string;
  private readonly sets: PhraseSets;
  private readonly depth: number;
  constructor(phrase: string, sets: PhraseSets, depth: number) {
    this.phrase = phrase;
    this.sets = sets;
    this.depth = depth;
  }

  read(): Piece {
    if (this.phrase.length > PHRASE_CHARS_MAX) throw this.fault(`is longer than ${PHRASE_CHARS_MAX} characters`);
    if (this.depth > DEPTH_MAX) throw this.fault('nests sets too deeply, or a set contains itself');
    const piece = this.alternatives();
    if (this.at < this.phrase.length) throw this.fault('closes a bracket that was not opened');
    if (piece.empty) throw this.fault('has no word that must be there');
    return piece;
  }

  private alternatives(): Piece {
    const options = [this.sequence()];
    while (this.phrase[this.at] === '|') {
      this.at++;
      options.push(this.sequence());
    }
    // Of alternatives that begin differently one goes on, so that they add length, not ways.
    const ways = Math.max(...options.map((option) => option.ways));
    return this.within({
      source: options.map((option) => option.source).join('|'),
      ways,
      firsts: options.map((option) => option.firsts).join(''),
      empty: options.some((option) => option.empty),
    });
  }

  private sequence(): Piece {
    let source = '';
    let ways = 1;
    let firsts = '';
    let empty = true;
    while (this.at < this.phrase.length && this.phrase[this.at] !== '|' && this.phrase[this.at] !== ')') {
      const piece = this.element();
      source += piece.source;
      ways *= piece.ways;
      if (empty) firsts += piece.firsts;
      empty &&= piece.empty;
      this.within({ source, ways, firsts, empty });
    }
    return { source, ways, firsts, empty };
  }

  private element(): Piece {
    const rest = this.phrase.slice(this.at);
    const gap = /^\s*\.{2,3}\s*/.exec(rest)?.[0];
    if (gap !== undefined) return this.gap(gap);
    if (rest[0] === '(') return this.group();
    if (rest[0] === '{') return this.set(rest);
    if (rest[0] === '*') {
      this.at++;
      return { source: '[a-z]{0,12}', ways: 1, firsts: ANY, empty: true };
    }
    if (rest.startsWith('<n>')) {
      this.at += 3;
      return { source: NUMBER, ways: 4, firsts: NUMBER_FIRSTS, empty: false };
    }
    if (/^[^|(){}*<>?.]\?/u.test(rest)) return this.optionalCharacter(rest);
    return this.words(rest);
  }

  /** `takes?`, `good ?bye`: whether it is there is decided by the next character, so it adds no way. */
  private optionalCharacter(rest: string): Piece {
    const [char = ''] = rest;
    this.at += char.length + 1;
    const folded = char === ' ' ? ' ' : normalize(char);
    return { source: `(?:${folded})?`, ways: 1, firsts: folded, empty: true };
  }

  private gap(text: string): Piece {
    this.at += text.length;
    const chars = GAPS[text.trim()] ?? 0;
    // Words beside a gap stay whole: it neither begins nor ends between two Latin letters.
    const edge = '(?<![a-z0-9](?=[a-z0-9]))';
    return { source: `${edge}[^\\n]{0,${chars}}?${edge}`, ways: chars + 1, firsts: ANY, empty: true };
  }

  private group(): Piece {
    this.at++;
    const inner = this.alternatives();
    if (this.phrase[this.at] !== ')') throw this.fault('opens a bracket that is not closed');
    this.at++;
    const times = this.phrase[this.at];
    if (times !== '?' && times !== '*') return { ...inner, source: `(?:${inner.source})` };
    this.at++;
    if (times === '?') return { ...inner, source: `(?:${inner.source})?`, ways: inner.ways * 2, empty: true };
    const ways = inner.ways ** REPEATS * (REPEATS + 1);
    return { ...inner, source: `(?:${inner.source}){0,${REPEATS}}`, ways, empty: true };
  }

  private set(rest: string): Piece {
    const name = /^\{([a-zA-Z][\w-]*)\}/.exec(rest)?.[1];
    const phrases = name !== undefined && Object.hasOwn(this.sets, name) ? this.sets[name] : undefined;
    if (name === undefined || phrases === undefined) throw this.fault(`names an unknown set: ${rest.slice(0, 30)}`);
    this.at += name.length + 2;
    const pieces = phrases.map((phrase) => new PhraseReader(phrase, this.sets, this.depth + 1).read());
    const ways = Math.max(...pieces.map((piece) => piece.ways));
    return this.within({
      source: `(?:${pieces.map((piece) => piece.source).join('|')})`,
      ways,
      firsts: pieces.map((piece) => piece.firsts).join(''),
      empty: pieces.some((piece) => piece.empty),
    });
  }

  /** A run of plain text. Its outer spaces count: they separate it from a neighbouring group. */
  private words(rest: string): Piece {
    const run = /^(?:(?!\s*\.{2}|[^|(){}]\?)[^|(){}*<>?])+/u.exec(rest)?.[0];
    if (run === undefined) throw this.fault(`has an unexpected ${JSON.stringify(rest[0])}`);
    this.at += run.length;
    const folded = normalize(run);
    // Beside Han characters folded text has no spaces, and which neighbour matched is not known here.
    const lead = /^[\p{L}\p{N}'’]/u.test(run) ? '' : ' ?';
    const trail = folded === '' || /[\p{L}\p{N}'’]$/u.test(run) ? '' : ' ?';
    const firsts = `${lead === '' ? '' : ' '}${folded === '' ? ' ' : (folded[0] ?? '')}`;
    return { source: lead + folded + trail, ways: 1, firsts, empty: folded === '' };
  }

  private within(piece: Piece): Piece {
    if (piece.ways > WAYS_MAX) throw this.fault('has too many gaps and alternatives to stay fast');
    return piece;
  }

  private fault(what: string): FormError {
    return new FormError('PHRASE_INVALID', `The phrase ${JSON.stringify(this.phrase.slice(0, 80))} ${what}.`);
  }
}

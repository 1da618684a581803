/** The language of words whose source names none. By script alone: what script cannot tell stays unknown. */

const HAN = /\p{Script=Han}/gu;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const LATIN = /\p{Script=Latin}/gu;

/** `zh` for text in Han characters without kana (Japanese), also when brands and numbers in Latin are mixed in. */
export function detectLanguage(texts: readonly string[]): 'zh' | undefined {
  let han = 0;
  let latin = 0;
  for (const text of texts) {
    if (KANA.test(text)) return undefined;
    han += text.match(HAN)?.length ?? 0;
    latin += text.match(LATIN)?.length ?? 0;
  }
  // A Chinese character weighs about as much as a short Latin word.
  return han > 0 && han * 3 >= latin ? 'zh' : undefined;
}

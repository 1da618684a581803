/** Language of the page: `?lang=` in the address, else what was chosen before, else the browser's. */
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import type { Outage } from '../data/types.ts';
import { type Formats, formatsFor } from '../format/number.ts';
import { duration, type MomentFormats, momentsFor } from '../format/time.ts';
import { en, type Texts } from './en.ts';
import type { TermKind } from './terms.en.ts';
import { zh } from './zh.ts';

export type Language = 'en' | 'zh';
const DICTIONARIES: Readonly<Record<Language, Texts>> = { en, zh };
const STORED = 'coachloop.language';

export const isLanguage = (value: string | null): value is Language => value === 'en' || value === 'zh';

export function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) return asked;
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export const storeLanguage = (language: Language): void => localStorage.setItem(STORED, language);

/** Without its end. One of them at least. */
export const outageIn = ({ outage }: Texts, [first = 'event-log', ...more]: readonly Outage[]): string =>
  more.length > 0 ? outage.both : outage[first];

export interface Speech extends Formats {
  readonly language: Language;
  readonly t: Texts;
  readonly moment: MomentFormats;
  duration(ms: number): string;
  /** The word for a stable code; the code itself, readable, where there is none. */
  term(kind: TermKind, code: string): string;
}

function speechIn(language: Language): Speech {
  const t = DICTIONARIES[language];
  return {
    ...formatsFor(t.locale),
    language,
    t,
    moment: momentsFor(t.locale),
    duration: (ms) => duration(ms, t.units),
    term: (kind, code) => {
      const words: Readonly<Record<string, string>> = t.terms[kind];
      return Object.hasOwn(words, code) ? (words[code] ?? code) : code.replaceAll('-', ' ');
    },
  };
}

const SpeechContext = createContext<Speech>(speechIn('en'));

export function SpeechProvider({ language, children }: { language: Language; children: ReactNode }) {
  const speech = useMemo(() => speechIn(language), [language]);
  useEffect(() => {
    document.documentElement.lang = speech.t.locale === 'zh-CN' ? 'zh-CN' : 'en';
  }, [speech]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export const useSpeech = (): Speech => useContext(SpeechContext);

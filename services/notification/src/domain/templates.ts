/** Texts in English and Chinese: templates and words as data, variables as a fixed list. */
import { BOUNDS } from '@coachloop/contracts';
import { type Static, Type } from 'typebox';
import { fieldOf, type Happened } from './rules.ts';

const closed = { additionalProperties: false } as const;
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

const inBoth = <T extends Parameters<typeof Type.Object>[0][string]>(part: T) =>
  Type.Object({ en: part, zh: part }, closed);
const Words = Type.Record(Type.String(), inBoth(Type.String({ minLength: 1, maxLength: 200 })));

export const TemplatesSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    words: Type.Object({ competency: Words, reason: Words, outcome: Words }, closed),
    templates: Type.Record(
      Type.String({ pattern: '^[a-z0-9-]+$' }),
      inBoth(
        Type.Object(
          {
            title: Type.String({ minLength: 1, maxLength: BOUNDS.label_chars_max }),
            body: Type.String({ minLength: 1, maxLength: 2_000 }),
          },
          closed,
        ),
      ),
    ),
  },
  closed,
);
export type Templates = Static<typeof TemplatesSchema>;

export interface Text {
  readonly language: Language;
  readonly title: string;
  readonly body: string;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** No locale of the machine: the same event gives the same text everywhere. Days are UTC days. */
function day(value: unknown, language: Language): string | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  const date = new Date(ms);
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return language === 'zh' ? `${y}年${m + 1}月${d}日` : `${d} ${MONTHS[m]} ${y}`;
}

const decimal = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : undefined;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const signed = (value: unknown): string | undefined =>
  typeof value === 'number' && value > 0 ? `+${decimal(value)}` : decimal(value);

type Variable = (data: unknown, language: Language, words: Templates['words']) => string | undefined;
const at =
  (path: string, show: (value: unknown, language: Language) => string | undefined): Variable =>
  (data, language) =>
    show(fieldOf(data, path), language);
const word =
  (kind: keyof Templates['words'], path: string): Variable =>
  (data, language, words) => {
    const value = text(fieldOf(data, path));
    if (value === undefined) return undefined;
    return (Object.hasOwn(words[kind], value) ? words[kind][value]?.[language] : undefined) ?? value;
  };

/** What a template may name in braces. */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  agent: (data) =>
    text(fieldOf(data, 'agentName')) ?? text(fieldOf(data, 'agentKey')) ?? text(fieldOf(data, 'agentId')),
  competency: word('competency', 'competency'),
  reason: word('reason', 'reason'),
  outcome: word('outcome', 'outcome'),
  course: (data, language) =>
    (language === 'zh' ? text(fieldOf(data, 'course.titleZh')) : undefined) ?? text(fieldOf(data, 'course.title')),
  minutes: at('course.minutes', decimal),
  due: at('dueAt', day),
  attempt: at('attempt', decimal),
  reminder: at('reminder', decimal),
  score: at('score', decimal),
  passMark: at('passMark', decimal),
  before: at('before.mean', decimal),
  after: at('after.mean', decimal),
  calls: at('after.n', decimal),
  difference: at('difference', signed),
  callDay: at('callEndedAt', day),
  host: at('host', text),
  description: at('description', text),
  since: at('failingSince', day),
};

const PLACEHOLDER = /\{([^{}]*)\}/g;

export const placeholdersOf = (template: string): readonly string[] =>
  [...template.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '');

const fill = (template: string, event: Happened, language: Language, words: Templates['words'], charsMax: number) =>
  cut(
    template.replace(PLACEHOLDER, (_, name: string) => VARIABLES[name]?.(event.data, language, words) ?? '–'),
    charsMax,
  );

/** Never through the middle of a surrogate pair: the text has to be writable as UTF-8. */
function cut(value: string, charsMax: number): string {
  if (value.length <= charsMax) return value;
  const end = charsMax - 1;
  const high = value.charCodeAt(end - 1);
  return `${value.slice(0, high >= 0xd800 && high <= 0xdbff ? end - 1 : end)}…`;
}

/** The texts of one event in every language. What an event does not say is a dash. */
export function textsOf({ templates, words }: Templates, name: string, event: Happened): readonly Text[] {
  const template = templates[name];
  if (!template) return [];
  return LANGUAGES.map((language) => ({
    language,
    title: fill(template[language].title, event, language, words, BOUNDS.label_chars_max),
    body: fill(template[language].body, event, language, words, BOUNDS.text_chars_max),
  }));
}

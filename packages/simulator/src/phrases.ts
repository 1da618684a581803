/** Phrase files: what people say, by occasion, as data. Templates are compiled once, since every utterance of every call fills one. */
import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { LANGUAGES, type Language } from './behaviours.ts';
import { SimulatorError } from './errors.ts';
import { compileTemplate, SLOTS, type Template } from './template.ts';
import { checked, readYaml, type YamlDocument } from './yaml-file.ts';

const NAMES = ['companies', 'agentNames', 'customerNames', 'cities'] as const;
// biome-ignore format: one line for what is good, one for what is not
const AGENT = [
  'greeting', 'verify', 'courtesy', 'restate', 'empathy', 'followUp', 'hold', 'backFromHold', 'promise', 'askSatisfied', 'closing',
  'noGreeting', 'noVerify', 'noCourtesy', 'noEmpathy', 'noFollowUp', 'noBackFromHold', 'noSolution', 'noClosing', 'rude', 'dispute',
  'transfer', 'work',
] as const;
// biome-ignore format: a list of words
const CUSTOMER = ['identity', 'angry', 'confirm', 'happy', 'unhappy', 'offended', 'waiting', 'noMore', 'bye', 'chat'] as const;
const MATTER = ['need', 'detail', 'ask', 'answer', 'summary', 'solution'] as const;

const list = Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { minItems: 1, maxItems: 5000 });
type List = typeof list;
const Lists = <K extends string>(keys: readonly K[]) =>
  Type.Object(Object.fromEntries(keys.map((key) => [key, list])) as Record<K, List>, { additionalProperties: false });
const Topics = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9-]{0,59}$' }),
  Type.Array(Lists(MATTER), { minItems: 1, maxItems: 1000 }),
);

/** A whole language. */
export const PhraseFileSchema = Type.Object(
  {
    language: Type.Enum([...LANGUAGES]),
    replace: Type.Optional(Type.Boolean()),
    ...(Object.fromEntries(NAMES.map((key) => [key, list])) as Record<(typeof NAMES)[number], List>),
    agent: Lists(AGENT),
    customer: Lists(CUSTOMER),
    topics: Topics,
  },
  { additionalProperties: false },
);
type PhraseFile = Static<typeof PhraseFileSchema>;

type Compiled<K extends string> = Readonly<Record<K, readonly Template[]>>;
/** What one call is about: its sentences hold together. */
export type Matter = Compiled<(typeof MATTER)[number]>;

export interface Phrases {
  readonly language: Language;
  readonly companies: readonly string[];
  readonly agentNames: readonly string[];
  readonly customerNames: readonly string[];
  readonly cities: readonly string[];
  readonly agent: Compiled<(typeof AGENT)[number]>;
  readonly customer: Compiled<(typeof CUSTOMER)[number]>;
  readonly topics: Readonly<Record<string, readonly Matter[]>>;
}
export type PhraseBook = Readonly<Record<Language, Phrases>>;

const readDefault = (language: Language): PhraseFile => {
  const name = `phrases/${language}.yaml`;
  const text = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  return checked(PhraseFileSchema, readYaml(text, name)[0]?.value, 'SIM_PHRASES_INVALID', () => name);
};
const DEFAULT_FILES: Readonly<Record<Language, PhraseFile>> = { en: readDefault('en'), zh: readDefault('zh') };

export const DEFAULT_PHRASES: PhraseBook = {
  en: compile(DEFAULT_FILES.en, () => 'phrases/en.yaml'),
  zh: compile(DEFAULT_FILES.zh, () => 'phrases/zh.yaml'),
};

/**
 * Phrase files laid over the defaults. One text may hold several YAML documents, one for each language; lists are added to the
 * defaults, or stand alone where the document says `replace: true` (then it must be whole).
 * @throws SimulatorError SIM_FILE_UNREADABLE, SIM_PHRASES_INVALID, with file, line and JSON pointer.
 */
export function parsePhrases(files: readonly { readonly text: string; readonly name: string }[]): PhraseBook {
  const book: Record<Language, PhraseFile> = { ...DEFAULT_FILES };
  const where: Record<Language, (pointer: string) => string> = { en: () => 'en', zh: () => 'zh' };
  for (const { text, name } of files) {
    for (const document of readYaml(text, name)) {
      const language = languageOf(document, name);
      where[language] = (pointer) => `${name}${document.lineOf(pointer)}`;
      const merged = isReplacing(document.value) ? document.value : extend(book[language], document.value);
      book[language] = checked(PhraseFileSchema, merged, 'SIM_PHRASES_INVALID', where[language]);
      compile(book[language], where[language]);
    }
  }
  return { en: compile(book.en, where.en), zh: compile(book.zh, where.zh) };
}

/** @throws SimulatorError SIM_CONFIG_INVALID: queues name topics, so the configuration is to blame. */
export function mattersOf(phrases: Phrases, name: string): readonly Matter[] {
  const topic = Object.hasOwn(phrases.topics, name) ? phrases.topics[name] : undefined;
  if (topic) return topic;
  const known = Object.keys(phrases.topics).join(', ');
  throw new SimulatorError(
    'SIM_CONFIG_INVALID',
    `/calls/queues names the topic ${name}, which the phrases for ${phrases.language} do not have; they have ${known}.`,
    '/calls/queues',
  );
}

/** Every template, for whoever wants to know how many of them a scorecard recognizes. `place` is e.g. `agent/greeting`. */
export function utterances(phrases: Phrases): { place: string; speaker: 'agent' | 'customer'; text: string }[] {
  const out: { place: string; speaker: 'agent' | 'customer'; text: string }[] = [];
  const add = (speaker: 'agent' | 'customer', place: string, templates: readonly Template[]) => {
    for (const template of templates) out.push({ place, speaker, text: template.source });
  };
  for (const key of AGENT) add('agent', `agent/${key}`, phrases.agent[key]);
  for (const key of CUSTOMER) add('customer', `customer/${key}`, phrases.customer[key]);
  for (const [name, matters] of Object.entries(phrases.topics))
    for (const [index, matter] of matters.entries())
      for (const key of MATTER) {
        // A summary is no utterance: it stands inside `restate`.
        if (key === 'summary') continue;
        const speaker = key === 'ask' || key === 'solution' ? 'agent' : 'customer';
        add(speaker, `topics/${name}/${index}/${key}`, matter[key]);
      }
  return out;
}

function languageOf(document: YamlDocument, name: string): Language {
  const Head = Type.Object({ language: Type.Enum([...LANGUAGES]) });
  return checked(Head, document.value, 'SIM_PHRASES_INVALID', (pointer) => `${name}${document.lineOf(pointer)}`)
    .language;
}

const isReplacing = (value: unknown): boolean => isObject(value) && value.replace === true;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lists are joined, objects merged; anything else is the newer one's, and the schema judges the result. */
function extend(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      !Object.hasOwn(over, key) ? base[key] : Object.hasOwn(base, key) ? extend(base[key], over[key]) : over[key],
    ]),
  );
}

function compile(file: PhraseFile, where: (pointer: string) => string): Phrases {
  const each = (sources: readonly string[], pointer: string): Template[] =>
    sources.map((source, index) => {
      const template = compileTemplate(source);
      if ('texts' in template) return template;
      const place = `${pointer}/${index}`;
      const known = SLOTS.map((slot) => `{${slot}}`).join(' ');
      throw new SimulatorError(
        'SIM_PHRASES_INVALID',
        `${where(place)}: ${place} has the slot ${template.unknown}; known are ${known}.`,
        place,
      );
    });
  const group = <K extends string>(lists: Readonly<Record<K, readonly string[]>>, pointer: string): Compiled<K> =>
    Object.fromEntries(
      (Object.entries(lists) as [K, readonly string[]][]).map(([key, sources]) => [
        key,
        each(sources, `${pointer}/${key}`),
      ]),
    ) as Record<K, Template[]>;
  return {
    language: file.language,
    companies: file.companies,
    agentNames: file.agentNames,
    customerNames: file.customerNames,
    cities: file.cities,
    agent: group(file.agent, '/agent'),
    customer: group(file.customer, '/customer'),
    topics: Object.fromEntries(
      Object.entries(file.topics).map(([name, matters]) => [
        name,
        matters.map((matter, index) => group(matter, `/topics/${name}/${index}`)),
      ]),
    ),
  };
}

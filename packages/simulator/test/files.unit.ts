import { describe, expect, it } from 'vitest';
import {
  createCentre,
  DEFAULT_CONFIG,
  DEFAULT_PHRASES,
  parseConfig,
  parsePhrases,
  SimulatorError,
  utterances,
} from '../src/index.ts';

const faultOfText = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof SimulatorError) return `${error.code} ${error.pointer} ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('a configuration', () => {
  it('is laid over the default: what it does not name stays', () => {
    expect(parseConfig('')).toEqual(DEFAULT_CONFIG);
    const config = parseConfig('noise: 0.1\nagents:\n  weakShare: 0.5\n');
    expect(config).toEqual({ ...DEFAULT_CONFIG, noise: 0.1, agents: { ...DEFAULT_CONFIG.agents, weakShare: 0.5 } });
    expect(createCentre({ seed: 1, agents: 10, config }).agents.filter(({ weak }) => weak.length > 0)).toHaveLength(5);
  });

  it.each([
    ['noise: 3', 'SIM_CONFIG_INVALID /noise my.yaml:1: /noise must be <= 0.5'],
    ['\nnois: 1', 'SIM_CONFIG_INVALID /nois my.yaml:2: /nois is not a known field'],
    ['calls:\n  holdShare: often', 'SIM_CONFIG_INVALID /calls/holdShare my.yaml:2: /calls/holdShare must be number'],
    [
      'times:\n  holdSeconds: { min: 9, max: 3 }',
      'SIM_CONFIG_INVALID /times/holdSeconds my.yaml:2: /times/holdSeconds has min 9',
    ],
    [
      'agents:\n  weakLevel: { mean: 0.9, spread: 0.5 }',
      'SIM_CONFIG_INVALID /agents/weakLevel my.yaml:2: /agents/weakLevel goes from 0.4 to 1.4;',
    ],
    [
      'agents: { strongLevel: { mean: 0.05 } }',
      'SIM_CONFIG_INVALID /agents/strongLevel my.yaml:1: /agents/strongLevel goes from -0.02 to 0.12;',
    ],
    ['agents: { languages: { fr: 1 } }', 'SIM_CONFIG_INVALID /agents/languages/fr'],
    [
      'agents: { languages: { en: 0, zh: 0 } }',
      'SIM_CONFIG_INVALID /agents/languages my.yaml:1: /agents/languages has no weight',
    ],
    ['behaviours: { greets: { competency: juggling } }', 'SIM_CONFIG_INVALID /behaviours/greets/competency'],
    ['- 1', 'SIM_CONFIG_INVALID  my.yaml: the whole must be object'],
    ['__proto__: { a: 1 }', 'SIM_CONFIG_INVALID /__proto__'],
    ['noise: 0.1\n---\nnoise: 0.2', 'SIM_CONFIG_INVALID  my.yaml holds 2 YAML documents'],
    ['noise: [1', 'SIM_FILE_UNREADABLE  my.yaml:'],
  ])('that is wrong is refused with its place: %j', (text, said) => {
    expect(faultOfText(() => parseConfig(text, 'my.yaml')).startsWith(said)).toBe(true);
  });

  it('may let levels reach 0 and 1', () => {
    const levels = '{ weakLevel: { mean: 0.3, spread: 0.3 }, strongLevel: { mean: 0.7, spread: 0.3 } }';
    expect(faultOfText(() => parseConfig(`agents: ${levels}`))).toBe('accepted');
  });

  it('whose queue names a topic that nobody has words for is refused by the centre', () => {
    const config = parseConfig('calls: { queues: [{ name: Q, weight: 1, topics: [fishing] }] }');
    expect(faultOfText(() => createCentre({ seed: 1, agents: 1, config }))).toMatch(/^SIM_CONFIG_INVALID .*fishing/);
  });
});

describe('phrase files', () => {
  it('add to the default lists, topics too', () => {
    const text = 'language: en\nagent: { closing: ["Ta-ra then from {company}."] }\n';
    const book = parsePhrases([{ text, name: 'mine.yaml' }]);
    expect(book.en.agent.closing.length).toBe(DEFAULT_PHRASES.en.agent.closing.length + 1);
    expect(book.en.agent.closing.at(-1)?.source).toBe('Ta-ra then from {company}.');
    expect(book.zh).toEqual(DEFAULT_PHRASES.zh);
  });

  it('may hold both languages as two documents', () => {
    const text = 'language: en\ncities: [York]\n---\nlanguage: zh\ncities: [大理]\n';
    const book = parsePhrases([{ text, name: 'mine.yaml' }]);
    expect(book.en.cities).toContain('York');
    expect(book.zh.cities).toContain('大理');
  });

  it.each([
    ['cities: [York]', 'SIM_PHRASES_INVALID /language mine.yaml: /language is missing'],
    ['language: fr', 'SIM_PHRASES_INVALID /language mine.yaml:1'],
    [
      'language: en\nagent: { shout: [Hey] }',
      'SIM_PHRASES_INVALID /agent/shout mine.yaml:2: /agent/shout is not a known field',
    ],
    ['language: en\nagent: { rude: [""] }', 'SIM_PHRASES_INVALID /agent/rude'],
    ['language: en\nreplace: true', 'SIM_PHRASES_INVALID /companies mine.yaml: /companies is missing'],
    ['language: en\ncustomer:\n  bye: ["Bye {nickname}"]', 'SIM_PHRASES_INVALID /customer/bye/'],
  ])('that are wrong are refused with their place: %j', (text, said) => {
    expect(faultOfText(() => parsePhrases([{ text, name: 'mine.yaml' }]))).toContain(said);
  });

  it.each(['en', 'zh'] as const)('have many ways to say each thing, and no sentence in two places (%s)', (language) => {
    const phrases = DEFAULT_PHRASES[language];
    for (const [occasion, list] of Object.entries(phrases.agent))
      if (!['transfer', 'noBackFromHold', 'backFromHold'].includes(occasion))
        expect(list.length, occasion).toBeGreaterThanOrEqual(5);
    expect(Object.keys(phrases.topics)).toHaveLength(6);
    const all = utterances(phrases);
    expect(all.length).toBeGreaterThan(300);
    const places = Map.groupBy(all, ({ text }) => text);
    const twice = [...places].filter(([, list]) => list.length > 1).map(([text]) => text);
    expect(twice).toEqual([]);
  });
});

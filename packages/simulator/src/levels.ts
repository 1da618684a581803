/** Who the agents are, and what they truly can. */
import { COMPETENCIES, type Competency, LANGUAGES, type Language } from './behaviours.ts';
import type { SimulatorConfig } from './config.ts';
import type { PhraseBook } from './phrases.ts';
import { type Random, randomOf, shuffled } from './random.ts';

export type Levels = Readonly<Record<Competency, number>>;

export interface SimulatedAgent {
  /** The platform's id, e.g. `A001`. */
  readonly key: string;
  readonly name: string;
  readonly language: Language;
  /** Competencies that were made weak; empty for a strong agent. */
  readonly weak: readonly Competency[];
  /** True levels at the start, 0..1. */
  readonly levels: Levels;
}

/** Shares are met exactly (rounded), so that a small centre has its weak agents too. */
export function makeAgents(count: number, seed: number, config: SimulatorConfig, book: PhraseBook): SimulatedAgent[] {
  const random = randomOf(seed, 'agents');
  const languages = shuffled(languagesOf(count, config), random);
  const weakCount = Math.round(count * config.agents.weakShare);
  const isWeak = shuffled(
    Array.from({ length: count }, (_, index) => index < weakCount),
    random,
  );
  const named: Record<Language, number> = { en: 0, zh: 0 };
  return languages.map((language, index): SimulatedAgent => {
    const names = book[language].agentNames;
    const turn = named[language]++;
    const round = Math.floor(turn / names.length);
    const name = `${names[turn % names.length]}${round === 0 ? '' : ` ${round + 1}`}`;
    const key = `A${String(index + 1).padStart(3, '0')}`;
    return { key, name, language, ...drawLevels(isWeak[index] === true, config, randomOf(seed, 'levels', key)) };
  });
}

function languagesOf(count: number, { agents }: SimulatorConfig): Language[] {
  const total = LANGUAGES.reduce((sum, language) => sum + agents.languages[language], 0);
  const english = Math.round((count * agents.languages.en) / total);
  return Array.from({ length: count }, (_, index) => (index < english ? 'en' : 'zh'));
}

function drawLevels(isWeak: boolean, { agents }: SimulatorConfig, random: Random) {
  const { min, max } = agents.weakCompetencies;
  const order = shuffled(COMPETENCIES, random);
  const weak = isWeak ? order.slice(0, random.int(min, max)) : [];
  const levels = Object.fromEntries(
    COMPETENCIES.map((competency) => {
      const { mean, spread } = weak.includes(competency) ? agents.weakLevel : agents.strongLevel;
      return [competency, roundLevel(random.between(mean - spread, mean + spread))];
    }),
  ) as Record<Competency, number>;
  return { weak, levels };
}

export const roundLevel = (level: number): number => Math.round(Math.min(1, Math.max(0, level)) * 1000) / 1000;

/**
 * A synthetic contact centre. It moves only when asked: `nextCall()` makes the call that begins next, `train()` changes what an agent
 * can. The same seed and the same questions in the same order give the same bytes; there is no clock and no other chance in it.
 */
import { agentIdOf } from '@coachloop/contracts';
import { COMPETENCIES, type Competency } from './behaviours.ts';
import { makeCall, type SimulatedCall } from './call.ts';
import { DEFAULT_CONFIG, type SimulatorConfig } from './config.ts';
import { SimulatorError } from './errors.ts';
import { Heap } from './heap.ts';
import { type Levels, makeAgents, roundLevel, type SimulatedAgent } from './levels.ts';
import { DEFAULT_PHRASES, mattersOf, type PhraseBook } from './phrases.ts';
import { type Random, randomOf } from './random.ts';
import { drawMs } from './timing.ts';

const HOUR_MS = 3_600_000;
const AGENTS_MAX = 100_000;
const TRAININGS_KEPT_MAX = 100_000;

export interface CentreOptions {
  /** Whole number from 0. */
  readonly seed: number;
  /** How many agents, from 1. */
  readonly agents: number;
  /** When the centre opens, ms since the epoch; absent: a day in 2025 that follows from the seed. */
  readonly startMs?: number;
  /** Number of each agent's call before the first one, so that a later run of the same centre repeats no id; default 0. */
  readonly firstCall?: number;
  readonly config?: SimulatorConfig;
  readonly phrases?: PhraseBook;
}

export interface Training {
  readonly agentKey: string;
  readonly competency: Competency;
  readonly attempt: number;
  readonly before: number;
  readonly after: number;
  /** When it took effect, where the caller said so. */
  readonly atMs?: number;
}

export interface Centre {
  readonly seed: number;
  /** CloudEvents source of all its events. */
  readonly source: string;
  readonly startMs: number;
  readonly config: SimulatorConfig;
  readonly phrases: PhraseBook;
  readonly agents: readonly SimulatedAgent[];
  /** What was learnt so far, oldest first (the first 100,000). */
  readonly trainings: readonly Training[];
  /** When the next call begins. */
  nextStartMs(): number;
  /** Makes the call that begins next, and moves its agent on. */
  nextCall(): SimulatedCall;
  /** True levels now. @throws SimulatorError SIM_AGENT_UNKNOWN */
  levelsOf(agentKey: string): Levels;
  /** The platform's id of the agent with our id; undefined: not of this centre. */
  keyOf(agentId: string): string | undefined;
  /** Raises the true level by the configured effect (for some it does nothing). @throws SimulatorError SIM_AGENT_UNKNOWN */
  train(agentKey: string, competency: Competency, attempt: number, random?: Random, atMs?: number): Training;
  /** No new call for this agent before then: a training, say. @throws SimulatorError SIM_AGENT_UNKNOWN */
  occupy(agentKey: string, untilMs: number): void;
}

interface Desk {
  readonly agent: SimulatedAgent;
  readonly company: string;
  levels: Levels;
  calls: number;
  nextMs: number;
}

/** @throws SimulatorError SIM_ARGUMENT_INVALID, SIM_CONFIG_INVALID (a queue names a topic that no phrase file has) */
export function createCentre(options: CentreOptions): Centre {
  const { seed, config = DEFAULT_CONFIG, phrases = DEFAULT_PHRASES } = options;
  checkWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('agents', options.agents, 1, AGENTS_MAX);
  const startMs = options.startMs ?? defaultStartMs(seed);
  checkWhole('firstCall', options.firstCall ?? 0, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('startMs', startMs, Date.UTC(2000, 0, 2), Date.UTC(2100, 0, 1));
  const agents = makeAgents(options.agents, seed, config, phrases);
  checkTopics(agents, config, phrases);

  const source = `urn:coachloop:simulator:${seed}`;
  const keys = new Map(agents.map((agent) => [agentIdOf(source, agent.key), agent.key]));
  const desks = new Map(agents.map((agent) => [agent.key, openDesk(agent, { ...options, startMs, config, phrases })]));
  const schedule = new Heap<Desk>((a, b) => a.nextMs - b.nextMs || (a.agent.key < b.agent.key ? -1 : 1));
  for (const desk of desks.values()) schedule.push(desk);
  const trainings: Training[] = [];
  let trainedCount = 0;

  const deskOf = (key: string): Desk => {
    const desk = desks.get(key);
    if (desk) return desk;
    throw new SimulatorError(
      'SIM_AGENT_UNKNOWN',
      `The centre has no agent ${key}; it has ${agents.length}, from A001 on.`,
    );
  };

  return {
    seed,
    source,
    startMs,
    config,
    phrases,
    agents,
    trainings,
    nextStartMs: () => schedule.peek()?.nextMs ?? Number.POSITIVE_INFINITY,
    nextCall: () => {
      const desk = schedule.pop();
      if (!desk) throw new RangeError('a centre has at least one agent');
      desk.calls++;
      const call = makeCall(callInput(desk));
      desk.nextMs = call.readyMs + idleMs(call.readyMs, config, randomOf(seed, 'idle', desk.agent.key, desk.calls));
      schedule.push(desk);
      return call;
    },
    levelsOf: (key) => deskOf(key).levels,
    keyOf: (agentId) => keys.get(agentId),
    train: (key, competency, attempt, random, atMs) => {
      const desk = deskOf(key);
      const chance = random ?? randomOf(seed, 'train', key, competency, trainedCount);
      trainedCount++;
      const before = desk.levels[competency];
      const after = trained(before, attempt, config, chance);
      desk.levels = { ...desk.levels, [competency]: after };
      const training = { agentKey: key, competency, attempt, before, after, ...(atMs === undefined ? {} : { atMs }) };
      if (trainings.length < TRAININGS_KEPT_MAX) trainings.push(training);
      return training;
    },
    occupy: (key, untilMs) => {
      const desk = deskOf(key);
      if (untilMs <= desk.nextMs) return;
      schedule.remove(desk);
      desk.nextMs = untilMs;
      schedule.push(desk);
    },
  };

  function callInput({ agent, company, levels, calls, nextMs }: Desk) {
    const { key: agentKey, name: agentName, language } = agent;
    const who = { agentKey, agentName, company, levels, number: calls, startMs: nextMs };
    return { seed, source, config, phrases: phrases[language], ...who };
  }
}

export const isCompetency = (word: string): word is Competency => (COMPETENCIES as readonly string[]).includes(word);

function trained(level: number, attempt: number, { training }: SimulatorConfig, random: Random): number {
  if (random.chance(training.noEffectShare)) return level;
  const gain = attempt <= 1 ? training.gain.first : training.gain.later;
  // Nobody unlearns by a course: who is above the ceiling stays there.
  return Math.max(level, roundLevel(Math.min(training.ceiling, level + gain)));
}

function openDesk(
  agent: SimulatedAgent,
  {
    seed,
    startMs,
    config,
    phrases,
    firstCall = 0,
  }: CentreOptions & Required<Pick<CentreOptions, 'startMs' | 'config' | 'phrases'>>,
): Desk {
  const companies = phrases[agent.language].companies;
  // One centre, one company per language.
  const company = companies[seed % companies.length] ?? '';
  const nextMs = startMs + idleMs(startMs, config, randomOf(seed, 'idle', agent.key, firstCall));
  return { agent, company, levels: agent.levels, calls: firstCall, nextMs };
}

function idleMs(atMs: number, { day, times }: SimulatorConfig, random: Random): number {
  const load = day[Math.floor(atMs / HOUR_MS) % 24] ?? 1;
  return Math.round(drawMs(times.idleSeconds, random) / load);
}

const defaultStartMs = (seed: number): number => Date.UTC(2025, 0, 6, 8) + (seed % 300) * 24 * HOUR_MS;

function checkTopics(agents: readonly SimulatedAgent[], config: SimulatorConfig, phrases: PhraseBook): void {
  for (const language of new Set(agents.map((agent) => agent.language)))
    for (const queue of config.calls.queues) for (const topic of queue.topics) mattersOf(phrases[language], topic);
}

export function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const message = `${name} is ${value}; give a whole number from ${min} to ${max}.`;
  throw new SimulatorError('SIM_ARGUMENT_INVALID', message, `/${name}`);
}

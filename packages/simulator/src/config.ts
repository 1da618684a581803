/** The shape of a configuration; `config/default.yaml` says in words what each field does. */
import { readFileSync } from 'node:fs';
import { type Static, type TSchema, Type } from 'typebox';
import { BEHAVIOURS, COMPETENCIES, LANGUAGES } from './behaviours.ts';
import { SimulatorError } from './errors.ts';
import { checked, readYaml } from './yaml-file.ts';

const Closed = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const share = Type.Number({ minimum: 0, maximum: 1 });
const weight = Type.Number({ minimum: 0, maximum: 1_000_000 });
const range = (minimum: number, maximum: number) => {
  const end = Type.Number({ minimum, maximum });
  return Closed({ min: end, max: end });
};
const counts = (minimum: number, maximum: number) => {
  const end = Type.Integer({ minimum, maximum });
  return Closed({ min: end, max: end });
};
const seconds = range(0, 86_400);
const pace = Closed({ normal: range(20, 2000), fast: range(20, 2000) });
const level = Closed({ mean: share, spread: share });
const each = <K extends string, T extends TSchema>(keys: readonly K[], schema: T) =>
  Closed(Object.fromEntries(keys.map((key) => [key, schema])) as Record<K, T>);

export const ConfigSchema = Closed({
  agents: Closed({
    weakShare: share,
    weakCompetencies: counts(1, COMPETENCIES.length),
    strongLevel: level,
    weakLevel: level,
    languages: each(LANGUAGES, weight),
  }),
  calls: Closed({
    channels: each(['voice', 'chat'], weight),
    queues: Type.Array(
      Closed({
        name: Type.String({ minLength: 1, maxLength: 100 }),
        weight,
        topics: Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { minItems: 1, maxItems: 100 }),
      }),
      { minItems: 1, maxItems: 100 },
    ),
    complaintShare: share,
    holdShare: share,
    transferShare: share,
    abandonShare: Type.Number({ minimum: 0, maximum: 0.9 }),
    surveyShare: share,
    turns: counts(12, 30),
    customers: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    liveTranscriptShare: share,
    missingTranscriptShare: share,
  }),
  day: Type.Array(Type.Number({ minimum: 0.05, maximum: 1 }), { minItems: 24, maxItems: 24 }),
  times: Closed({
    waitSecondsMax: Type.Number({ minimum: 0, maximum: 3600 }),
    promptRingSeconds: seconds,
    lateRingSeconds: seconds,
    holdSeconds: range(1, 3600),
    voicePauseSeconds: range(0, 60),
    chatPauseSeconds: range(0, 600),
    silenceSeconds: range(0, 600),
    talkOverSeconds: range(0, 10),
    wrapupSeconds: range(0, 3600),
    idleSeconds: range(1, 86_400),
    pace: each(LANGUAGES, pace),
  }),
  noise: Type.Number({ minimum: 0, maximum: 0.5 }),
  behaviours: each(
    BEHAVIOURS,
    Closed({ competency: Type.Enum([...COMPETENCIES]), difficulty: share, scripted: Type.Optional(Type.Boolean()) }),
  ),
  training: Closed({
    gain: Closed({ first: share, later: share }),
    ceiling: share,
    noEffectShare: share,
    passShare: share,
    startDelayMinutes: range(0, 100_000),
    durationMinutes: range(1, 100_000),
  }),
  delivery: Closed({
    latencySeconds: range(0, 3600),
    duplicateShare: share,
    duplicateDelaySeconds: seconds,
    reorderShare: share,
    reorderSeconds: seconds,
    delayShare: share,
    delaySeconds: seconds,
    transcriptSeconds: seconds,
    surveySeconds: seconds,
    agentStates: Type.Boolean(),
  }),
});
export type SimulatorConfig = Static<typeof ConfigSchema>;
export type Range = SimulatorConfig['times']['holdSeconds'];

const DEFAULT_FILE = new URL('../config/default.yaml', import.meta.url);
const defaults = readYaml(readFileSync(DEFAULT_FILE, 'utf8'), 'config/default.yaml')[0]?.value;

export const DEFAULT_CONFIG: SimulatorConfig = checked(
  ConfigSchema,
  defaults,
  'SIM_CONFIG_INVALID',
  () => 'config/default.yaml',
);

/**
 * A configuration from YAML (or JSON) text, laid over the default.
 * @throws SimulatorError SIM_FILE_UNREADABLE with the line, SIM_CONFIG_INVALID with the JSON pointer and the line.
 */
export function parseConfig(text: string, fileName = 'configuration'): SimulatorConfig {
  const documents = readYaml(text, fileName);
  const document = documents[0];
  if (!document || document.value === null) return DEFAULT_CONFIG;
  if (documents.length > 1)
    throw new SimulatorError('SIM_CONFIG_INVALID', `${fileName} holds ${documents.length} YAML documents; leave one.`);
  const merged = overlay(DEFAULT_CONFIG, document.value);
  const where = (pointer: string) => `${fileName}${document.lineOf(pointer)}`;
  const config = checked(ConfigSchema, merged, 'SIM_CONFIG_INVALID', where);
  const fault = faultOfRanges(config);
  if (fault) throw new SimulatorError('SIM_CONFIG_INVALID', `${where(fault.pointer)}: ${fault.message}`, fault.pointer);
  return config;
}

/** What a schema cannot say: min ≤ max and levels from 0 to 1 everywhere, and some weight above 0. */
export function faultOfRanges(config: SimulatorConfig): { pointer: string; message: string } | null {
  for (const [pointer, value] of objectsOf(config, '')) {
    const { min, max } = value as { min?: unknown; max?: unknown };
    if (typeof min === 'number' && typeof max === 'number' && min > max)
      return { pointer, message: `${pointer} has min ${min} above max ${max}; swap them.` };
  }
  for (const name of ['strongLevel', 'weakLevel'] as const) {
    const { mean, spread } = config.agents[name];
    const [least, most] = [mean - spread, mean + spread];
    if (least >= 0 && most <= 1) continue;
    const pointer = `/agents/${name}`;
    const message = `${pointer} goes from ${shown(least)} to ${shown(most)}; take mean and spread so that it stays within 0 and 1.`;
    return { pointer, message };
  }
  const weights: readonly (readonly [string, readonly number[]])[] = [
    ['/agents/languages', Object.values(config.agents.languages)],
    ['/calls/channels', Object.values(config.calls.channels)],
    ['/calls/queues', config.calls.queues.map((queue) => queue.weight)],
  ];
  const empty = weights.find(([, list]) => !list.some((value) => value > 0));
  return empty ? { pointer: empty[0], message: `${empty[0]} has no weight above 0; raise one.` } : null;
}

const shown = (level: number): number => Number(level.toFixed(3));

function* objectsOf(value: unknown, pointer: string): Generator<readonly [string, object]> {
  if (typeof value !== 'object' || value === null) return;
  yield [pointer, value];
  for (const [key, child] of Object.entries(value)) yield* objectsOf(child, `${pointer}/${key}`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function overlay(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over))
    Object.defineProperty(out, key, {
      value: Object.hasOwn(base, key) ? overlay(base[key], value) : value,
      enumerable: true,
    });
  return out;
}

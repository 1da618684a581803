/** The words after `npm run truth --`. */
import { parseArgs } from 'node:util';
import { DEFAULT_CONFIG } from '@coachloop/simulator';
import { GOAL, MARKS, type Verdict } from './report.ts';

const AGENTS = 200;
const CALLS = 70;
const SEED = 1;
const RUNS = 3;
/** Fewer would be told as what was so after these. */
const CALLS_MIN = Math.max(...MARKS);
const WEAK = DEFAULT_CONFIG.agents.weakShare;

export const USAGE = `npm run truth -- [options]

Plays a synthetic centre through the services' own scoring, triggers and re-evaluation, and compares what they decided with what is true.

  --agents N        agents of the centre (default ${AGENTS})
  --weak S          share of agents who are weak in something, 0 to 1 (default: what --config says, else ${WEAK})
  --seed N          the first centre (default ${SEED}); with --runs 1 the only one
  --runs N          how many centres, each with the next seed (default ${RUNS})
  --config FILE     settings of the simulator, YAML or JSON, laid over packages/simulator/config/default.yaml, which explains each
  --phrases FILE    what people say, as for the simulator: YAML or JSON
  --policy FILE     another trigger policy than the default one
  --reviews FILE    another policy of re-evaluation than the default one
  --calls N         calls per agent to play, at least ${CALLS_MIN} (default ${CALLS}; cases need some after the ${CALLS_MIN} that are looked at)
  --svg FILE        draw the picture
  --json            figures for programs on stdout; progress is on stderr
  --help            this

The last line says whether precision and recall after 20 calls per agent are at ${GOAL} or above. That is the goal of the default: ${AGENTS} agents,
seeds ${SEED} to ${SEED + RUNS - 1} taken together, the files that ship. Exit code 0: it is reached, or something else was asked; 1: it is missed; 2: wrong words,
or a file that can't be read or written.`;

export interface Options {
  readonly help: boolean;
  readonly json: boolean;
  readonly agents: number;
  /** Undefined: as the settings of the simulator have it. */
  readonly weak: number | undefined;
  readonly seed: number;
  readonly runs: number;
  readonly calls: number;
  readonly config: string | undefined;
  readonly phrases: string | undefined;
  readonly policy: string | undefined;
  readonly reviews: string | undefined;
  readonly svg: string | undefined;
}

export class UsageError extends Error {}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const KNOWN = {
  ...{ agents: text, weak: text, seed: text, runs: text, calls: text },
  ...{ config: text, phrases: text, policy: text, reviews: text, svg: text },
  ...{ json: flag, help: { ...flag, short: 'h' } },
} as const;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  const values = parsed(args);
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    agents: whole('--agents', values.agents, { least: 1, most: 100_000, otherwise: AGENTS }),
    weak: values.weak === undefined ? undefined : share('--weak', values.weak),
    seed: whole('--seed', values.seed, { least: 0, most: Number.MAX_SAFE_INTEGER - 1_000, otherwise: SEED }),
    runs: whole('--runs', values.runs, { least: 1, most: 1_000, otherwise: RUNS }),
    calls: whole('--calls', values.calls, { least: CALLS_MIN, most: 10_000, otherwise: CALLS }),
    config: values.config,
    phrases: values.phrases,
    policy: values.policy,
    reviews: values.reviews,
    svg: values.svg,
  };
}

/** Whether what ships is asked about, in the centres that the goal is for: single ones spread by chance. */
export const isDefault = ({ agents, calls, seed, runs, weak, config, phrases, policy, reviews }: Options): boolean =>
  agents === AGENTS &&
  calls === CALLS &&
  seed === SEED &&
  runs === RUNS &&
  (weak ?? WEAK) === WEAK &&
  [config, phrases, policy, reviews].every((each) => each === undefined);

/** A low figure of another centre, or with files of the user's own, is an answer; what ships has to be as good as promised. */
export const exitCodeOf = ({ reached, forDefault }: Pick<Verdict, 'reached' | 'forDefault'>): number =>
  forDefault && reached !== true ? 1 : 0;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: KNOWN }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, given: string | undefined, bounds: { least: number; most: number; otherwise: number }) {
  if (given === undefined) return bounds.otherwise;
  const value = Number(given);
  if (given.trim() !== '' && Number.isSafeInteger(value) && value >= bounds.least && value <= bounds.most) return value;
  throw new UsageError(
    `${name} must be a whole number from ${bounds.least} to ${bounds.most}, not ${JSON.stringify(given)}.`,
  );
}

function share(name: string, given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new UsageError(`${name} must be a share from 0 to 1, not ${JSON.stringify(given)}.`);
}

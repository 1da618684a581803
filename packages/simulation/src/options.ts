/** The words after `npm run simulate --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, type FaultKind, type Limits } from './faults.ts';
import { mutantNamed } from './mutants/index.ts';
import { withNegatives } from './words.ts';

export const USAGE = `npm run simulate -- [options]

  --seeds N        how many seeds (default 1,000)
  --from N         the first of them (default 1)
  --jobs N         processes that work on them, at most 64 (default: as many as there are cores)
  --mutants        instead: that each mistake of the list is found, each within so many seeds
  --mutant NAME    with one mistake built in; together with --mutants: that alone
  --seed N         one seed, with its trace
  --without A,B    kinds of faults that do not happen
  --faults N       no faults after so many
  --calls N        no more calls than so many
  --processes N    no more processes of each service than so many, to begin with
  --json           the outcome as JSON on stdout, progress on stderr (with \`npm run -s\`, or npm's own lines are there too)
  --help           this

Exit code 0: all is well; 1: an invariant was broken, a mutant not found, a kind of fault never
occurred, or the simulation itself broke; 2: wrong words; 130: stopped by Ctrl-C.`;

export interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly mutants: boolean;
  readonly mutant: string | null;
  readonly seed: number | null;
  readonly limits: Limits;
  readonly json: boolean;
  readonly help: boolean;
}

/** Larger ones would be the same runs again: a seed is a number of 32 bits. */
const SEEDS = 2 ** 32;
const JOBS_MAX = 64;
const COUNT_MAX = 1_000_000_000;

export class UsageError extends Error {}

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: withNegatives(args),
      options: {
        seeds: text,
        from: text,
        jobs: text,
        mutants: { type: 'boolean' },
        mutant: text,
        seed: text,
        without: text,
        faults: text,
        calls: text,
        processes: text,
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const { seed, mutants = false } = values;
    const many = mutants
      ? '--mutants'
      : (['seeds', 'from', 'jobs'] as const).find((name) => values[name] !== undefined);
    if (seed !== undefined && many !== undefined)
      throw new UsageError(`--seed is for one run, and does not go with --${many.replace('--', '')}.`);
    const seeds = numberOf('--seeds', values.seeds ?? '1000', 1, SEEDS);
    return {
      seeds,
      from: numberOf('--from', values.from ?? '1', 0, SEEDS - seeds),
      jobs:
        values.jobs === undefined
          ? Math.min(availableParallelism(), JOBS_MAX)
          : numberOf('--jobs', values.jobs, 1, JOBS_MAX),
      mutants,
      mutant: values.mutant === undefined ? null : mutantNamed(values.mutant).name,
      seed: seed === undefined ? null : numberOf('--seed', seed, 0, SEEDS - 1),
      json: values.json ?? false,
      help: values.help ?? false,
      limits: {
        without: new Set(kinds(values.without)),
        faults_max: mostOf('--faults', values.faults, 0),
        calls_max: mostOf('--calls', values.calls, 1),
        processes_max: mostOf('--processes', values.processes, 1),
      },
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Not given: as many as there are. */
const mostOf = (name: string, given: string | undefined, least: number): number =>
  given === undefined ? Number.POSITIVE_INFINITY : numberOf(name, given, least, COUNT_MAX);

function numberOf(name: string, given: string, least: number, most: number): number {
  const value = /^[\d,]*\d$/.test(given) ? Number(given.replaceAll(',', '')) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(given)}.`);
}

const kinds = (given: string | undefined): readonly FaultKind[] =>
  (given ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const kind = FAULT_KINDS.find((each) => each === name);
      if (kind === undefined) throw new UsageError(`There is no fault ${name}; there are ${FAULT_KINDS.join(', ')}.`);
      return kind;
    });

/** The command that shows a run again. */
export const commandOf = (seed: number, limits: Limits, mutant: string | null): string =>
  withLimits(`npm run simulate -- --seed ${seed}`, limits, mutant);

/** The command that runs what is left of one that was stopped. */
export const commandOfRest = (rest: { seeds: number; from: number }, limits: Limits, mutant: string | null): string =>
  withLimits(`npm run simulate -- --seeds ${rest.seeds} --from ${rest.from}`, limits, mutant);

function withLimits(command: string, limits: Limits, mutant: string | null): string {
  const words = [command];
  if (mutant !== null) words.push(`--mutant ${mutant}`);
  if (limits.without.size > 0) words.push(`--without ${[...limits.without].join(',')}`);
  if (Number.isFinite(limits.faults_max)) words.push(`--faults ${limits.faults_max}`);
  if (Number.isFinite(limits.calls_max)) words.push(`--calls ${limits.calls_max}`);
  if (Number.isFinite(limits.processes_max)) words.push(`--processes ${limits.processes_max}`);
  return words.join(' ');
}

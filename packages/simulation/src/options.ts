/** The words after `npm run simulate --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, type FaultKind, type Limits } from './faults.ts';
import { mutantNamed } from './mutants/index.ts';

export const USAGE = `npm run simulate -- [options]

  --seeds N        how many seeds (default 1,000)
  --from N         the first of them (default 1)
  --jobs N         processes that work on them (default: as many as there are cores)
  --mutants        instead: that each mistake of the list is found, each within so many seeds
  --mutant NAME    with one mistake built in; together with --mutants: that alone
  --seed N         one seed, with its trace
  --without A,B    kinds of faults that do not happen
  --faults N       no faults after so many
  --calls N        no more calls than so many
  --json           the outcome as JSON on stdout, progress on stderr
  --help           this

Exit code 0: all is well; 1: an invariant was broken, a mutant not found, or a kind of fault never occurred; 2: wrong words.`;

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

export class UsageError extends Error {}

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
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
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return {
      seeds: Math.max(1, number('--seeds', values.seeds) ?? 1_000),
      from: number('--from', values.from) ?? 1,
      jobs: Math.max(1, number('--jobs', values.jobs) ?? availableParallelism()),
      mutants: values.mutants ?? false,
      mutant: values.mutant === undefined ? null : mutantNamed(values.mutant).name,
      seed: number('--seed', values.seed) ?? null,
      json: values.json ?? false,
      help: values.help ?? false,
      limits: {
        without: new Set(kinds(values.without)),
        faults_max: number('--faults', values.faults) ?? Number.POSITIVE_INFINITY,
        calls_max: number('--calls', values.calls) ?? Number.POSITIVE_INFINITY,
      },
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function number(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given.replaceAll(',', ''));
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`${name} must be a whole number, not ${given}.`);
  return value;
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
export function commandOf(seed: number, limits: Limits, mutant: string | null): string {
  const words = [`npm run simulate -- --seed ${seed}`];
  if (mutant !== null) words.push(`--mutant ${mutant}`);
  if (limits.without.size > 0) words.push(`--without ${[...limits.without].join(',')}`);
  if (Number.isFinite(limits.faults_max)) words.push(`--faults ${limits.faults_max}`);
  if (Number.isFinite(limits.calls_max)) words.push(`--calls ${limits.calls_max}`);
  return words.join(' ');
}

/** The words after `npm run bench --`. */
import { parseArgs } from 'node:util';
import { BenchError } from './errors.ts';
import { MEASURES } from './measures/index.ts';

export const USAGE = `npm run bench -- [options]

  --only A,B     only these: ${MEASURES.map(({ name }) => name).join(', ')}
  --runs N       rounds of each (default: as each one needs)
  --calls N      calls per round, where a measure counts in calls
  --json FILE    write the figures; measures in the file that are not made again stay
  --draw FILE    measure nothing: write docs/benchmarks.md and its pictures from this file
  --quick        small sizes and one round: shows that it works, not how fast it is
  --long         the measures that take very long, too
  --help         this`;

export interface Options {
  /** Null: all that are not long. */
  readonly only: readonly string[] | null;
  readonly runs: number | null;
  readonly calls: number | null;
  readonly json: string | null;
  readonly draw: string | null;
  readonly quick: boolean;
  readonly long: boolean;
  readonly help: boolean;
}

/** @throws BenchError */
export function optionsOf(args: readonly string[]): Options {
  const values = parsed(args);
  return {
    only: values.only === undefined ? null : values.only.split(',').map(known),
    runs: whole('--runs', values.runs),
    calls: whole('--calls', values.calls),
    json: values.json ?? null,
    draw: values.draw ?? null,
    quick: values.quick ?? false,
    long: values.long ?? false,
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { only: text, runs: text, calls: text, json: text, draw: text, quick: flag, long: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function known(name: string): string {
  if (MEASURES.some((measure) => measure.name === name)) return name;
  throw new BenchError(`There is no measure ${JSON.stringify(name)}.\n\n${USAGE}`);
}

function whole(name: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const value = Number(given.replaceAll(',', ''));
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BenchError(`${name} must be a whole number above 0, not ${given}.`);
  return value;
}

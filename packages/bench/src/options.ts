/** The words after `npm run bench --`. */
import { parseArgs } from 'node:util';
import { BenchError } from './errors.ts';
import { type Suite, suiteOf } from './suite.ts';

const namesOf = ({ measures }: Suite): string => measures.map(({ name }) => name).join(', ');

export const USAGE = `npm run bench -- [options]

  --only A,B     only these: ${namesOf(suiteOf(false))}
  --kafka        on Kafka and MongoDB in place of the embedded default: ${namesOf(suiteOf(true))}
  --runs N       rounds of each (default: as each one needs)
  --calls N      calls per round, where a measure counts in calls
  --json FILE    write the figures; measures in the file that are not made again stay
  --draw FILE    measure nothing; replace docs/benchmarks.md, .json and the pictures docs/images/bench-*.svg (with
                 --kafka docs/benchmarks-kafka.md, .json and its pictures) by what this file says; it must hold every
                 measure that the page has, and none of a quick run
  --quick        small sizes and one round: shows that it works, not how fast it is
  --long         the measures that take very long, too
  --help         this`;

export interface Options {
  readonly suite: Suite;
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
  const suite = suiteOf(values.kafka ?? false);
  return {
    suite,
    only: values.only === undefined ? null : values.only.split(',').map((name) => known(name, suite)),
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
  const texts = { only: text, runs: text, calls: text, json: text, draw: text };
  const flags = { kafka: flag, quick: flag, long: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options: { ...texts, ...flags } }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function known(name: string, { measures }: Suite): string {
  if (measures.some((measure) => measure.name === name)) return name;
  throw new BenchError(`There is no measure ${JSON.stringify(name)}.\n\n${USAGE}`);
}

function whole(name: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const value = Number(given.replaceAll(',', ''));
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BenchError(`${name} must be a whole number above 0, not ${given}.`);
  return value;
}

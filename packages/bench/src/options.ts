/** The words after `npm run bench --`. */
import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
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
  --into FOLDER  with --draw: page, figures and pictures go there, in place of docs/
  --quick        small sizes and one round: shows that it works, not how fast it is
  --long         the measures that take very long, too
  --help         this`;

export interface Options {
  readonly kafka: boolean;
  readonly suite: Suite;
  /** Null: all that are not long. */
  readonly only: readonly string[] | null;
  readonly runs: number | null;
  readonly calls: number | null;
  readonly json: string | null;
  readonly draw: string | null;
  /** Null: the docs of the project. */
  readonly into: string | null;
  readonly quick: boolean;
  readonly long: boolean;
  readonly help: boolean;
}

/** What says how to measure: `--draw` measures nothing. */
const OF_MEASURING = ['only', 'runs', 'calls', 'json', 'quick', 'long'] as const;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  const values = parsed(args);
  const idle = OF_MEASURING.find((name) => values[name] !== undefined);
  if (values.draw !== undefined && idle !== undefined)
    throw new UsageError(`--draw measures nothing, so it does not go with --${idle}.`);
  if (values.into !== undefined && values.draw === undefined) throw new UsageError('--into goes with --draw FILE.');
  const { kafka = false } = values;
  return {
    kafka,
    suite: suiteOf(kafka),
    only: values.only === undefined ? null : values.only.split(',').map((name) => known(name, kafka)),
    runs: whole('--runs', values.runs),
    calls: whole('--calls', values.calls),
    json: values.json ?? null,
    draw: values.draw ?? null,
    into: values.into ?? null,
    quick: values.quick ?? false,
    long: values.long ?? false,
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const texts = { only: text, runs: text, calls: text, json: text, draw: text, into: text };
  const flags = { kafka: flag, quick: flag, long: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options: { ...texts, ...flags } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function known(name: string, kafka: boolean): string {
  const isOf = ({ measures }: Suite) => measures.some((measure) => measure.name === name);
  if (isOf(suiteOf(kafka))) return name;
  const wayOut = isOf(suiteOf(!kafka)) ? ` That one is measured ${kafka ? 'without' : 'with'} --kafka.` : '';
  throw new UsageError(
    `There is no measure ${JSON.stringify(name)} here; there are ${namesOf(suiteOf(kafka))}.${wayOut}`,
  );
}

function whole(name: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const value = Number(given.replaceAll(',', ''));
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${name} must be a whole number above 0, not ${given}.`);
  return value;
}

/** The command that measures what is left of one that was stopped. */
export function commandOf(left: readonly string[], { kafka, runs, calls, json, quick }: Options): string {
  const words = [`npm run bench -- --only ${left.join(',')}`];
  if (kafka) words.push('--kafka');
  if (runs !== null) words.push(`--runs ${runs}`);
  if (calls !== null) words.push(`--calls ${calls}`);
  if (quick) words.push('--quick');
  if (json !== null) words.push(`--json ${json}`);
  return words.join(' ');
}

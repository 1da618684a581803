/** The words after `npm run drill --`. */
import { parseArgs } from 'node:util';
import { mutantNamed } from '@coachloop/simulation/mutants';

export const USAGE = `npm run drill -- --embedded [options]

Runs the real platform on a folder of its own, under load over HTTP, and kills it again and again. In the end a checker that knows each
call it sent reads the public log: nothing lost, nothing doubled, everything in order.

  --embedded       one process on SQLite, the default of \`npm start\`
  --minutes N      how long the load lasts (default 1; 0.1 to 600)
  --seed S         which faults, which calls (default 1); the same seed gives the same schedule
  --rate N         calls per second that are aimed at (default 25)
  --mutant NAME    with a mistake of the simulation's list built in: the drill has to fail
  --keep           keep the folder although all went well
  --json           the outcome as JSON on stdout, progress on stderr
  --help           this

Exit code 0: all is well; 1: something was lost, doubled, out of order or did not come back; 2: wrong words.`;

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly mutant: string | null;
  readonly keep: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ minutes: text, seed: text, rate: text, mutant: text },
        ...{ embedded: flag, keep: flag, json: flag, help: { ...flag, short: 'h' } },
      },
    });
    const help = values.help ?? false;
    if (!help && !values.embedded) throw new Error('Say what to torment: --embedded.');
    const seed = numberOf('--seed', values.seed ?? '1', 0, Number.MAX_SAFE_INTEGER);
    if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number, not ${values.seed}.`);
    return {
      minutes: numberOf('--minutes', values.minutes ?? '1', 0.1, 600),
      seed,
      rate: numberOf('--rate', values.rate ?? '25', 1, 1_000),
      mutant: values.mutant === undefined ? null : mutantNamed(values.mutant).name,
      keep: values.keep ?? false,
      json: values.json ?? false,
      help,
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function numberOf(name: string, given: string, least: number, most: number): number {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (value >= least && value <= most) return value;
  throw new Error(`${name} must be a number from ${least} to ${most}, not ${JSON.stringify(given)}.`);
}

/** `npm run simulate`: many seeds, or one with its trace, or the mutants. The last line is the verdict. */
import type { Told } from './child.ts';
import { MUTANTS, mutantNamed } from './mutants/index.ts';
import { checkFits, type Mutant } from './mutants/mutant.ts';
import { type Found, tableOf } from './mutants/table.ts';
import { commandOf, type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { asMessage, runChild, side } from './pool.ts';
import { Tally } from './tally.ts';

/** So many seeds that each kind of fault must have occurred. */
const SEEDS_FOR_ALL_KINDS = 300;
/** Whoever breaks something fundamental need not wait for all the seeds. */
const FAILURES_MAX = 5;

async function main(args: readonly string[]): Promise<boolean> {
  const options = optionsOf(args);
  if (options.help) {
    console.log(USAGE);
    return true;
  }
  if (options.mutant !== null) checkFits(mutantNamed(options.mutant));
  try {
    if (options.mutants) return await findMutants(options);
    if (options.seed !== null) return await showSeed(options, options.seed);
    return await runSeeds(options);
  } catch (error) {
    // Nothing that the simulated system did: whoever waits for a verdict gets one all the same.
    const broke = error instanceof Error ? error.message : String(error);
    if (options.json) console.log(JSON.stringify({ ok: false, broke }));
    const say = options.json ? console.error : console.log;
    say(`simulation: ${subjectOf(options)}: BROKE: ${broke}`);
    return false;
  }
}

async function runSeeds(options: Options): Promise<boolean> {
  const { seeds, from, jobs, mutant, limits, json } = options;
  const tally = new Tally(from, seeds);
  const say = json ? console.error : console.log;
  const bounds = { failuresMax: FAILURES_MAX, shrinksMax: 1 };
  const begin = { to: from + seeds, step: jobs, mutant, limits: asMessage(limits), ...bounds };
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_, i) => from + i);
  await side(shares, jobs, (first, signal) => {
    const onTold = (told: Told) => {
      tally.add(told);
      if (told.violations.length > 0) sayFailure(told, options, say);
    };
    return runChild({ ...begin, from: first }, onTold, signal);
  });
  for (const line of tally.lines()) say(line);
  const { seeds: told } = tally.figures;
  if (told < seeds && tally.failures.length === 0) throw new Error(`Only ${told} of ${seeds} seeds came to their end.`);
  const missing = tally.missing(limits);
  const isComplete = seeds < SEEDS_FOR_ALL_KINDS || missing.length === 0;
  if (!isComplete) say(`never occurred: ${missing.join(', ')}`);
  const ok = tally.failures.length === 0 && isComplete;
  const failures = tally.failures.map(({ seed, violations }) => ({ seed, violations }));
  if (json) console.log(JSON.stringify({ ok, from, ...tally.figures, missing, failures }));
  say(`simulation: ${subjectOf(options)}: ${ok ? 'all invariants held' : `FAILED${tally.failed()}`}`);
  return ok;
}

type Say = (line: string) => void;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What a run is about. */
const subjectOf = ({ mutants, seed, seeds, from }: Options): string => {
  if (mutants) return 'mutants';
  return seed === null ? `seeds ${from} to ${from + seeds - 1}` : `seed ${seed}`;
};

function sayFailure({ seed, violations, shrunk }: Told, { mutant, limits }: Options, say: Say): void {
  say(`\nseed ${seed} fails:`);
  for (const violation of (shrunk ?? { violations }).violations) say(`  ${violation.slice(0, 600)}`);
  if (!shrunk) {
    say('not made smaller: only the first failure of each process is');
    say(`again: ${commandOf(seed, limits, mutant)}\n`);
    return;
  }
  say('what happened before, made smaller:');
  for (const line of shrunk.trace) say(`  ${line}`);
  say(`again: ${commandOf(seed, { ...shrunk.limits, without: new Set(shrunk.limits.without) }, mutant)}\n`);
}

async function showSeed({ mutant, limits, json }: Options, seed: number): Promise<boolean> {
  if (mutant !== null) (await import('./mutants/mutant.ts')).install(mutantNamed(mutant));
  const { run } = await import('./run.ts');
  const { trace, about, violations, calls, events, steps, faults, observations } = await run(seed, limits);
  const ok = violations.length === 0;
  if (json) {
    const counts = { faults: Object.fromEntries(faults), observations: Object.fromEntries(observations) };
    console.log(JSON.stringify({ ok, seed, calls, records: events, steps, ...counts, violations, trace, about }));
    return ok;
  }
  for (const line of [...trace, ...about]) console.log(line);
  for (const violation of violations) console.log(violation);
  console.log(`${counted(calls, 'call')}, ${counted(events, 'record')}, ${counted(steps, 'step')}`);
  console.log(`simulation: seed ${seed}: ${ok ? 'all invariants held' : 'FAILED'}`);
  return ok;
}

async function findMutants({ seeds, from, jobs, limits, mutant, json }: Options): Promise<boolean> {
  const mutants = mutant === null ? MUTANTS : [mutantNamed(mutant)];
  for (const each of mutants) checkFits(each);
  const say = json ? console.error : console.log;
  const found: Found[] = [];
  /** Whose seed fails also without them. */
  const unsound: string[] = [];
  const begin = { from, to: from + seeds, step: 1, limits: asMessage(limits), failuresMax: 1, shrinksMax: 0 };
  const withoutAny = new Map<number, Promise<string | null>>();
  /** What a seed finds with nothing built in: what it says of a mutant it would say of anything. */
  const alone = (seed: number, signal: AbortSignal): Promise<string | null> => {
    const known = withoutAny.get(seed);
    if (known !== undefined) return known;
    let violation: string | null = null;
    const onTold = (told: Told) => {
      violation = told.violations[0] ?? null;
    };
    const run = runChild({ ...begin, from: seed, to: seed + 1, mutant: null }, onTold, signal).then(() => violation);
    withoutAny.set(seed, run);
    return run;
  };
  await side<Mutant>(mutants, jobs, async ({ name, mistake }, signal) => {
    let last: Told | undefined;
    const onTold = (told: Told) => {
      last = told;
    };
    await runChild({ ...begin, mutant: name }, onTold, signal);
    const violation = last?.violations[0] ?? null;
    const seed = violation === null ? null : (last?.seed ?? null);
    const foundAlone = seed === null ? null : await alone(seed, signal);
    found.push({ name, mistake, seed, violation });
    if (foundAlone !== null) unsound.push(name);
    say(`${name}: ${mistake}\n    ${violation === null ? 'NOT FOUND' : `seed ${seed}: ${violation.slice(0, 110)}`}`);
    if (foundAlone !== null) say(`    and without it: ${foundAlone.slice(0, 110)}`);
  });
  const survivors = found.filter(({ seed }) => seed === null).map(({ name }) => name);
  const ok = survivors.length === 0 && unsound.length === 0;
  if (json) console.log(JSON.stringify({ ok, from, seeds, mutants: found, unsound }));
  for (const line of tableOf(found)) say(line);
  if (unsound.length > 0) say(`mutants: FAILED: the seeds of ${unsound.join(', ')} fail without a mutant`);
  else if (survivors.length > 0) say(`mutants: NOT FOUND within ${seeds} seeds: ${survivors.join(', ')}`);
  else say(`mutants: ${mutants.length} of ${mutants.length} found within ${seeds} seeds`);
  return ok;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`simulation: ${error.message}`);
  console.error('npm run simulate -- --help tells what can be asked.');
  process.exitCode = 2;
}

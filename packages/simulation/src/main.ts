/** `npm run simulate`: many seeds, or one with its trace, or the mutants. The last line is the verdict. */
import type { Told } from './child.ts';
import { FAULT_KINDS, NO_LIMITS } from './faults.ts';
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
  if (options.mutants) return findMutants(options);
  if (options.seed !== null) return showSeed(options, options.seed);
  return runSeeds(options);
}

async function runSeeds(options: Options): Promise<boolean> {
  const { seeds, from, jobs, mutant, limits, json } = options;
  const tally = new Tally(from, seeds);
  const say = json ? console.error : console.log;
  const bounds = { failuresMax: FAILURES_MAX, shrinksMax: 1 };
  const begin = { to: from + seeds, step: jobs, mutant, limits: asMessage(limits), ...bounds };
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_, i) => from + i);
  await side(shares, jobs, (first) =>
    runChild({ ...begin, from: first }, (told) => {
      tally.add(told);
      if (told.violations.length > 0) sayFailure(told, mutant, say);
    }),
  );
  for (const line of tally.lines()) say(line);
  const missing = FAULT_KINDS.filter((kind) => !tally.faults.has(kind) && !limits.without.has(kind));
  const isComplete = seeds < SEEDS_FOR_ALL_KINDS || missing.length === 0;
  if (!isComplete) say(`never occurred: ${missing.join(', ')}`);
  const ok = tally.failures.length === 0 && isComplete;
  const failures = tally.failures.map(({ seed, violations }) => ({ seed, violations }));
  if (json) console.log(JSON.stringify({ ok, from, ...tally.figures, missing, failures }));
  const range = `seeds ${from} to ${from + seeds - 1}`;
  say(ok ? `simulation: ${range}: all invariants held` : `simulation: ${range}: FAILED`);
  return ok;
}

function sayFailure({ seed, violations, shrunk }: Told, mutant: string | null, say: (line: string) => void): void {
  say(`\nseed ${seed} fails:`);
  for (const violation of (shrunk ?? { violations }).violations) say(`  ${violation.slice(0, 600)}`);
  if (!shrunk) {
    say(`again: ${commandOf(seed, NO_LIMITS, mutant)}\n`);
    return;
  }
  say('what happened before, made smaller:');
  for (const line of shrunk.trace) say(`  ${line}`);
  say(`again: ${commandOf(seed, { ...shrunk.limits, without: new Set(shrunk.limits.without) }, mutant)}\n`);
}

async function showSeed({ mutant, limits, json }: Options, seed: number): Promise<boolean> {
  if (mutant !== null) (await import('./mutants/mutant.ts')).install(mutantNamed(mutant));
  const { run } = await import('./run.ts');
  const { trace, violations, calls, events, steps, faults } = await run(seed, limits);
  const ok = violations.length === 0;
  if (json) {
    const shown = { ok, seed, calls, records: events, steps, faults: Object.fromEntries(faults), violations, trace };
    console.log(JSON.stringify(shown));
    return ok;
  }
  for (const line of trace) console.log(line);
  for (const violation of violations) console.log(violation);
  console.log(`${calls} calls, ${events} records, ${steps} steps`);
  console.log(`simulation: seed ${seed}: ${ok ? 'all invariants held' : 'FAILED'}`);
  return ok;
}

async function findMutants({ seeds, from, jobs, limits, mutant, json }: Options): Promise<boolean> {
  const mutants = mutant === null ? MUTANTS : [mutantNamed(mutant)];
  for (const each of mutants) checkFits(each);
  const say = json ? console.error : console.log;
  const found: Found[] = [];
  const begin = { from, to: from + seeds, step: 1, limits: asMessage(limits), failuresMax: 1, shrinksMax: 0 };
  await side<Mutant>(mutants, jobs, async ({ name, mistake }) => {
    let last: Told | undefined;
    await runChild({ ...begin, mutant: name }, (told) => {
      last = told;
    });
    const violation = last?.violations[0] ?? null;
    const seed = violation === null ? null : (last?.seed ?? null);
    found.push({ name, mistake, seed, violation });
    say(`${name}: ${mistake}\n    ${violation === null ? 'NOT FOUND' : `seed ${seed}: ${violation.slice(0, 110)}`}`);
  });
  const survivors = found.filter(({ seed }) => seed === null).map(({ name }) => name);
  const ok = survivors.length === 0;
  if (json) console.log(JSON.stringify({ ok, from, seeds, mutants: found }));
  for (const line of tableOf(found)) say(line);
  say(
    ok
      ? `mutants: ${mutants.length} of ${mutants.length} found within ${seeds} seeds`
      : `mutants: NOT FOUND within ${seeds} seeds: ${survivors.join(', ')}`,
  );
  return ok;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** `npm run simulate`: many seeds, or one with its trace, or the mutants. The last line is the verdict. */
import type { Told } from './child.ts';
import { FAULT_KINDS } from './faults.ts';
import { MUTANTS, mutantNamed } from './mutants/index.ts';
import { checkFits, type Mutant } from './mutants/mutant.ts';
import { commandOf, type Options, optionsOf, UsageError } from './options.ts';
import { asMessage, runChild, side } from './pool.ts';
import { Tally } from './tally.ts';

/** So many seeds that each kind of fault must have occurred. */
const SEEDS_FOR_ALL_KINDS = 200;

async function main(args: readonly string[]): Promise<boolean> {
  const options = optionsOf(args);
  if (options.mutant !== null) checkFits(mutantNamed(options.mutant));
  if (options.mutants) return findMutants(options);
  if (options.seed !== null) return showSeed(options, options.seed);
  return runSeeds(options);
}

async function runSeeds(options: Options): Promise<boolean> {
  const { seeds, from, jobs, mutant, limits } = options;
  const tally = new Tally(seeds);
  const begin = { to: from + seeds, step: jobs, mutant, limits: asMessage(limits), untilFailure: true, shrink: true };
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_, i) => from + i);
  await side(shares, jobs, (first) =>
    runChild({ ...begin, from: first }, (told) => {
      tally.add(told);
      if (told.violations.length > 0) printFailure(told, mutant);
    }),
  );
  tally.print();
  const missing = FAULT_KINDS.filter((kind) => !tally.faults.has(kind) && !limits.without.has(kind));
  const isComplete = seeds < SEEDS_FOR_ALL_KINDS || missing.length === 0;
  if (!isComplete) console.log(`never occurred: ${missing.join(', ')}`);
  const ok = tally.failures.length === 0 && isComplete;
  const range = `seeds ${from} to ${from + seeds - 1}`;
  console.log(ok ? `simulation: ${range}: all invariants held` : `simulation: ${range}: FAILED`);
  return ok;
}

function printFailure({ seed, violations, shrunk }: Told, mutant: string | null): void {
  console.log(`\nseed ${seed} fails:`);
  for (const violation of (shrunk ?? { violations }).violations) console.log(`  ${violation.slice(0, 600)}`);
  if (!shrunk) return;
  console.log('what happened before, made smaller:');
  for (const line of shrunk.trace) console.log(`  ${line}`);
  console.log(`again: ${commandOf(seed, { ...shrunk.limits, without: new Set(shrunk.limits.without) }, mutant)}\n`);
}

async function showSeed({ mutant, limits }: Options, seed: number): Promise<boolean> {
  if (mutant !== null) (await import('./mutants/mutant.ts')).install(mutantNamed(mutant));
  const { run } = await import('./run.ts');
  const { trace, violations, calls, events, steps } = await run(seed, limits);
  for (const line of trace) console.log(line);
  for (const violation of violations) console.log(violation);
  console.log(`${calls} calls, ${events} records, ${steps} steps`);
  console.log(
    violations.length === 0 ? `simulation: seed ${seed}: all invariants held` : `simulation: seed ${seed}: FAILED`,
  );
  return violations.length === 0;
}

async function findMutants({ seeds, from, jobs, limits, mutant }: Options): Promise<boolean> {
  const mutants = mutant === null ? MUTANTS : [mutantNamed(mutant)];
  for (const each of mutants) checkFits(each);
  const survivors: string[] = [];
  const begin = { from, to: from + seeds, step: 1, limits: asMessage(limits), untilFailure: true, shrink: false };
  await side<Mutant>(mutants, jobs, async ({ name, mistake }) => {
    let last: Told | undefined;
    await runChild({ ...begin, mutant: name }, (told) => {
      last = told;
    });
    const violation = last?.violations[0];
    if (violation === undefined) survivors.push(name);
    const found = violation === undefined ? 'NOT FOUND' : `seed ${last?.seed}: ${violation.slice(0, 110)}`;
    console.log(`${name}: ${mistake}\n    ${found}`);
  });
  console.log(
    survivors.length === 0
      ? `mutants: ${mutants.length} of ${mutants.length} found within ${seeds} seeds`
      : `mutants: NOT FOUND within ${seeds} seeds: ${survivors.join(', ')}`,
  );
  return survivors.length === 0;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** `npm run simulate`: many seeds, or one with its trace, or the mutants. The last line is the verdict. */
import type { Told } from './child.ts';
import { MUTANTS, mutantNamed } from './mutants/index.ts';
import { checkFits, type Mutant } from './mutants/mutant.ts';
import { type Found, tableOf } from './mutants/table.ts';
import { commandOf, commandOfRest, type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { asMessage, runChild, side } from './pool.ts';
import { stopOnSignals, stoppedBy } from './stop.ts';
import { Tally } from './tally.ts';
import { shortened } from './words.ts';

/** So many seeds that each kind of fault must have occurred. */
const SEEDS_FOR_ALL_KINDS = 300;
/** Whoever breaks something fundamental need not wait for all the seeds. */
const FAILURES_MAX = 5;
/** Of what a mutant was found by. */
const VIOLATION_MAX = 160;

/** Exit codes; who was stopped ends with that of the signal. */
const [FINE, FAILED] = [0, 1];

const stop = stopOnSignals();

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options.help) {
    console.log(USAGE);
    return FINE;
  }
  if (options.mutant !== null) checkFits(mutantNamed(options.mutant));
  try {
    if (options.mutants) return await findMutants(options);
    if (options.seed !== null) return await showSeed(options, options.seed);
    return await runSeeds(options);
  } catch (error) {
    const say = options.json ? console.error : console.log;
    const stopped = stoppedBy(stop);
    if (stopped) {
      if (options.json) console.log(JSON.stringify({ ok: false, stopped: stopped.signal }));
      say(`simulation: ${subjectOf(options)}: STOPPED`);
      return stopped.exitCode;
    }
    // Nothing that the simulated system did: whoever waits for a verdict gets one all the same.
    const broke = error instanceof Error ? error.message : String(error);
    if (options.json) console.log(JSON.stringify({ ok: false, broke }));
    say(`simulation: ${subjectOf(options)}: BROKE: ${broke}`);
    return FAILED;
  }
}

async function runSeeds(options: Options): Promise<number> {
  const { seeds, from, jobs, mutant, limits, json } = options;
  const tally = new Tally(from, seeds);
  const say = json ? console.error : console.log;
  const bounds = { failuresMax: FAILURES_MAX, shrinksMax: 1 };
  const begin = { to: from + seeds, step: jobs, mutant, limits: asMessage(limits), ...bounds };
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_, i) => from + i);
  const work = (first: number, signal: AbortSignal) => {
    const onTold = (told: Told) => {
      tally.add(told);
      if (told.violations.length > 0) sayFailure(told, options, say);
    };
    return runChild({ ...begin, from: first }, onTold, signal);
  };
  await side(shares, jobs, stop, work).catch(unlessStopped);
  for (const line of tally.lines()) say(line);
  const { seeds: told } = tally.figures;
  const failures = tally.failures.map(({ seed, violations }) => ({ seed, violations }));
  const stopped = stoppedBy(stop);
  if (stopped && tally.rest.seeds > 0) {
    const rest = { ...tally.rest, command: commandOfRest(tally.rest, limits, mutant) };
    const outcome = { ok: false, stopped: stopped.signal, rest };
    if (json) console.log(JSON.stringify({ ...outcome, from, ...tally.figures, failures }));
    const found = tally.failed() === '' ? 'all invariants held so far' : `FAILED${tally.failed()}`;
    say(
      `simulation: ${subjectOf(options)}: STOPPED after ${counted(told, 'seed')}, ${found}; to go on: ${rest.command}`,
    );
    return stopped.exitCode;
  }
  if (told < seeds && tally.failures.length === 0) throw new Error(`Only ${told} of ${seeds} seeds came to their end.`);
  const missing = tally.missing(limits);
  const isComplete = seeds < SEEDS_FOR_ALL_KINDS || missing.length === 0;
  if (!isComplete) say(`never occurred: ${missing.join(', ')}`);
  const ok = tally.failures.length === 0 && isComplete;
  if (json) console.log(JSON.stringify({ ok, from, ...tally.figures, missing, failures }));
  say(`simulation: ${subjectOf(options)}: ${ok ? 'all invariants held' : `FAILED${tally.failed()}`}`);
  return ok ? FINE : FAILED;
}

/** What was told until then counts. */
function unlessStopped(error: unknown): void {
  if (!stop.aborted) throw error;
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
  for (const violation of (shrunk ?? { violations }).violations) say(`  ${shortened(violation, 600)}`);
  if (!shrunk) {
    say('not made smaller: only the first failure of each process is');
    say(`again: ${commandOf(seed, limits, mutant)}\n`);
    return;
  }
  say('what happened before, made smaller:');
  for (const line of shrunk.trace) say(`  ${line}`);
  say(`again: ${commandOf(seed, { ...shrunk.limits, without: new Set(shrunk.limits.without) }, mutant)}\n`);
}

async function showSeed({ mutant, limits, json }: Options, seed: number): Promise<number> {
  if (mutant !== null) (await import('./mutants/mutant.ts')).install(mutantNamed(mutant));
  const { run } = await import('./run.ts');
  const { trace, about, violations, calls, events, steps, faults, observations } = await untilStopped(
    run(seed, limits),
  );
  const ok = violations.length === 0;
  if (json) {
    const counts = { faults: Object.fromEntries(faults), observations: Object.fromEntries(observations) };
    console.log(JSON.stringify({ ok, seed, calls, records: events, steps, ...counts, violations, trace, about }));
    return ok ? FINE : FAILED;
  }
  for (const line of [...trace, ...about]) console.log(line);
  for (const violation of violations) console.log(violation);
  console.log(`${counted(calls, 'call')}, ${counted(events, 'record')}, ${counted(steps, 'step')}`);
  console.log(`simulation: seed ${seed}: ${ok ? 'all invariants held' : 'FAILED'}`);
  return ok ? FINE : FAILED;
}

const untilStopped = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([work, new Promise<never>((_, reject) => stop.addEventListener('abort', () => reject(stop.reason)))]);

async function findMutants({ seeds, from, jobs, limits, mutant, json }: Options): Promise<number> {
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
  const work = async ({ name, mistake }: Mutant, signal: AbortSignal) => {
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
    say(`${name}: ${mistake}`);
    if (seed === null) say('    NOT FOUND');
    else {
      say(`    seed ${seed}: ${shortened(violation ?? '', VIOLATION_MAX)}`);
      say(`    to see it: ${commandOf(seed, limits, name)}`);
    }
    if (foundAlone !== null) say(`    and without it: ${shortened(foundAlone, VIOLATION_MAX)}`);
  };
  await side(mutants, jobs, stop, work).catch(unlessStopped);
  const survivors = found.filter(({ seed }) => seed === null).map(({ name }) => name);
  const stopped = stoppedBy(stop);
  const ok = stopped === null && survivors.length === 0 && unsound.length === 0;
  const how = stopped ? { stopped: stopped.signal } : {};
  if (json) console.log(JSON.stringify({ ok, ...how, from, seeds, mutants: found, unsound }));
  for (const line of tableOf(found)) say(line);
  if (unsound.length > 0) say(`mutants: FAILED: the seeds of ${unsound.join(', ')} fail without a mutant`);
  else if (survivors.length > 0) say(`mutants: NOT FOUND within ${seeds} seeds: ${survivors.join(', ')}`);
  else if (!stopped) say(`mutants: ${mutants.length} of ${mutants.length} found within ${seeds} seeds`);
  if (stopped) say(`mutants: STOPPED after ${found.length} of ${mutants.length}; --mutant NAME tries one alone`);
  return stopped?.exitCode ?? (ok ? FINE : FAILED);
}

try {
  process.exitCode = await main(process.argv.slice(2));
  // A single seed may be under way still.
  if (stop.aborted) process.exit();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`simulation: ${error.message}`);
  console.error('npm run simulate -- --help tells what can be asked.');
  process.exitCode = 2;
}

/** A process that runs seeds for its parent, perhaps with a mistake built in; `begin` is the first and only message to it. */
import type { FaultKind, Limits, ObservedKind } from './faults.ts';
import { mutantNamed } from './mutants/index.ts';
import { install } from './mutants/mutant.ts';

export interface Begin {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly mutant: string | null;
  readonly limits: Omit<Limits, 'without'> & { readonly without: readonly FaultKind[] };
  /** Stop after so many seeds that failed. */
  readonly failuresMax: number;
  /** So many failures are made as small as they get. */
  readonly shrinksMax: number;
}

export interface Told {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly calls: number;
  readonly events: number;
  readonly faults: readonly (readonly [FaultKind, number])[];
  readonly observations: readonly (readonly [ObservedKind, number])[];
  readonly rules: readonly (readonly [string, number])[];
  readonly shrunk?: Shrunk;
}

export interface Shrunk {
  readonly limits: Begin['limits'];
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

const STACK_LINES = 10;

/** Until all is done: whoever waits for what never comes has nothing under way, and would end as if it were. */
let going: number | null = null;
process.once('exit', (code) => {
  if (going === null || code !== 0) return;
  console.error(`seed ${going} waits for ever, and nothing is under way`);
  process.exitCode = 1;
});

// Ctrl-C reaches the whole group: the parent ends us, once it has heard what we told last.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);

process.once('message', (begin: Begin) => {
  work(begin).then(
    () => process.connected && process.disconnect?.(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function work(begin: Begin): Promise<void> {
  if (begin.mutant !== null) install(mutantNamed(begin.mutant));
  // Only now: what is loaded from here on has the mistake in it.
  const { run } = await import('./run.ts');
  const { shrink } = await import('./shrink.ts');
  const limits: Limits = { ...begin.limits, without: new Set(begin.limits.without) };
  let failures = 0;
  // A parent that is gone needs no more of them.
  for (let seed = begin.from; seed < begin.to && process.connected; seed += begin.step) {
    going = seed;
    // Much is thrown on purpose, and a trace for each costs more than the rest of it; a failure is run again with traces.
    Error.stackTraceLimit = 0;
    const { violations, calls, events, faults, observations, rules } = await run(seed, limits);
    Error.stackTraceLimit = STACK_LINES;
    const failed = violations.length > 0;
    if (failed) failures += 1;
    const shrunk = failed && failures <= begin.shrinksMax ? { shrunk: await shrink(seed, limits, run) } : {};
    const counted = { calls, events, faults: [...faults], observations: [...observations], rules: [...rules] };
    const told: Told = { seed, violations: violations.slice(0, 20), ...counted, ...shrunk };
    await new Promise((resolve) => process.send?.(told, resolve));
    going = null;
    if (failures >= begin.failuresMax) return;
  }
}

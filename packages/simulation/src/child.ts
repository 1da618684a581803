/** A process that runs seeds for its parent, perhaps with a mistake built in; `begin` is the first and only message to it. */
import type { FaultKind, Limits } from './faults.ts';
import { mutantNamed } from './mutants/index.ts';
import { install } from './mutants/mutant.ts';
import type { Result } from './run.ts';

export interface Begin {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly mutant: string | null;
  readonly limits: { readonly without: readonly FaultKind[]; readonly faults_max: number; readonly calls_max: number };
  /** Stop at the first seed that fails. */
  readonly untilFailure: boolean;
  /** Make a failure as small as it gets. */
  readonly shrink: boolean;
}

export interface Told {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly calls: number;
  readonly events: number;
  readonly faults: readonly (readonly [FaultKind, number])[];
  readonly shrunk?: Shrunk;
}

export interface Shrunk {
  readonly limits: Begin['limits'];
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

type Run = (seed: number, limits: Limits) => Promise<Result>;

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
  for (let seed = begin.from; seed < begin.to; seed += begin.step) {
    const { violations, calls, events, faults } = await runOrTell(run, seed, limits);
    const failed = violations.length > 0;
    const isShrinkable = failed && begin.shrink && !violations[0]?.startsWith('exception');
    const shrunk = isShrinkable ? { shrunk: await shrink(seed, limits, run) } : {};
    const told: Told = { seed, violations: violations.slice(0, 20), calls, events, faults: [...faults], ...shrunk };
    await new Promise((resolve) => process.send?.(told, resolve));
    if (failed && begin.untilFailure) return;
  }
}

/** Whatever is thrown is a failure of that seed. */
async function runOrTell(run: Run, seed: number, limits: Limits): Promise<Pick<Result, keyof Told & keyof Result>> {
  try {
    return await run(seed, limits);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, violations: [`exception: ${text}`], calls: 0, events: 0, faults: new Map() };
  }
}

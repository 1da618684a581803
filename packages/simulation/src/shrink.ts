/** Makes a failure smaller: fewer kinds of faults, fewer faults, fewer calls, as long as the same thing goes wrong. */
import type { Shrunk } from './child.ts';
import type { Limits } from './faults.ts';
import type { Result } from './run.ts';

const RUNS_MAX = 60;
const TRACE_LINES = 60;

type Run = (seed: number, limits: Limits) => Promise<Result>;

/** What went wrong, without names. */
export const kindOf = (violation: string): string => violation.split(':')[0] ?? violation;

export async function shrink(seed: number, given: Limits, run: Run): Promise<Shrunk> {
  let best = { limits: given, result: await run(seed, given) };
  const wanted = new Set(best.result.violations.map(kindOf));
  let runs = 0;
  const attempt = async (limits: Limits): Promise<boolean> => {
    if (runs >= RUNS_MAX) return false;
    runs += 1;
    const result = await run(seed, limits);
    if (!result.violations.some((violation) => wanted.has(kindOf(violation)))) return false;
    best = { limits, result };
    return true;
  };
  for (let calls = best.result.calls >> 1; calls >= 1; calls >>= 1)
    if (!(await attempt({ ...best.limits, calls_max: calls }))) break;
  // With no fault at all there is no kind to leave out.
  if (!(await attempt({ ...best.limits, faults_max: 0, without: new Set() }))) await fewerFaults();
  const { limits, result } = best;
  return {
    limits: { ...limits, without: [...limits.without] },
    violations: result.violations.slice(0, 10),
    trace: [...shortened(result.trace), ...result.about],
  };

  async function fewerFaults(): Promise<void> {
    for (const kind of [...best.result.faults.keys()])
      await attempt({ ...best.limits, without: new Set([...best.limits.without, kind]) });
    let [low, high] = [0, [...best.result.faults.values()].reduce((sum, n) => sum + n, 0)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await attempt({ ...best.limits, faults_max: middle })) high = middle;
      else low = middle + 1;
      if (runs >= RUNS_MAX) break;
    }
    // What a bound on their number does as well need not be named: all of it, or some.
    best = { ...best, limits: { ...best.limits, faults_max: high } };
    if (await attempt({ ...best.limits, without: given.without })) return;
    for (const kind of best.limits.without)
      if (!given.without.has(kind))
        await attempt({ ...best.limits, without: best.limits.without.difference(new Set([kind])) });
  }
}

/** Delays say little; of the rest, what came last before the end. */
const shortened = (trace: readonly string[]): readonly string[] =>
  trace.filter((line) => !line.includes(' slow-call')).slice(-TRACE_LINES);

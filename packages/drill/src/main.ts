/** `npm run drill`: the last line is the verdict. */
import { ServerError } from '@coachloop/servers';
import type { Deployment } from './deployment.ts';
import { DistributedDeployment } from './distributed/deployment.ts';
import { distributedSchedule } from './distributed/schedule.ts';
import { EmbeddedDeployment } from './embedded/deployment.ts';
import { DrillError } from './errors.ts';
import { runMutants } from './mutants.ts';
import { type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { faultTable, reportLines } from './report.ts';
import { drill, type Outcome } from './run.ts';
import { scheduleOf, wordsOf } from './schedule.ts';

/** From here on a Java that takes longer to start and is faster then is the better one. */
const LASTING_MINUTES = 3;

async function main(args: readonly string[]): Promise<boolean> {
  const options = optionsOf(args);
  if (options.help) {
    console.log(USAGE);
    return true;
  }
  const { seed, minutes, rate, embedded, json } = options;
  const say = json ? console.error : console.log;
  if (options.mutants) return runMutants(say);
  const schedule = (embedded ? scheduleOf : distributedSchedule)(seed, minutes);
  say(`seed ${seed}, ${minutes} minutes: ${schedule.length} faults`);
  for (const fault of schedule) say(`  ${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${wordsOf(fault)}`);
  if (options.dryRun) return true;
  const deployment = await deploymentOf(options, say);
  const reference = await EmbeddedDeployment.make({ plain: true });
  const stop = onStop(async () => {
    await deployment.discard(false);
    await reference.discard(false);
  });
  say(`data in ${deployment.directory}`);
  let outcome: Outcome | null = null;
  let broken: Error | null = null;
  try {
    outcome = await drill({ seed, minutes, rate, schedule, deployment, reference, say });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    broken =
      error instanceof DrillError ? error : new Error(`the drill itself broke: ${error.stack}`, { cause: error });
  } finally {
    stop.off();
    const ok = outcome?.violations.length === 0;
    await deployment.discard(options.keep || !ok);
    await reference.discard(false);
  }
  return tell(options, outcome, broken, deployment, say);
}

async function deploymentOf({ embedded, mutant, minutes }: Options, say: (line: string) => void): Promise<Deployment> {
  if (embedded) return EmbeddedDeployment.make({ mutant });
  const deployment = await DistributedDeployment.make({ mutant, lasting: minutes >= LASTING_MINUTES });
  say(deployment.description);
  return deployment;
}

function tell(
  { embedded, seed, minutes, rate, mutant, keep, json }: Options,
  outcome: Outcome | null,
  broken: Error | null,
  { kept, lookAtIt }: Deployment,
  say: (line: string) => void,
): boolean {
  const violations = [...(outcome?.violations ?? []), ...(broken ? [broken.message] : [])];
  const ok = violations.length === 0;
  if (outcome) for (const line of reportLines(outcome)) say(line);
  if (broken) say(broken.message);
  const again = [
    `npm run drill --${embedded ? ' --embedded' : ''}`,
    `--minutes ${minutes}`,
    `--seed ${seed}`,
    `--rate ${rate}`,
  ];
  if (mutant !== null) again.push(`--mutant ${mutant}`);
  if (!ok)
    for (const line of [`The folder is kept: ${kept}`, ...lookAtIt, `Again, with the same faults: ${again.join(' ')}`])
      say(line);
  else if (keep) say(`The folder is kept: ${kept}`);
  if (json) {
    const { figures = {}, troubled = {}, survived = [] } = outcome ?? {};
    console.log(JSON.stringify({ ok, seed, minutes, faults: faultTable(survived), figures, troubled, violations }));
  }
  const made = outcome?.survived.filter(({ recoveredMs }) => recoveredMs !== null).length ?? 0;
  say(
    ok
      ? `drill: seed ${seed}: ${made} faults survived, 0 lost, 0 doubled, in order`
      : `drill: seed ${seed}: FAILED (${violations.length} findings)`,
  );
  return ok;
}

/** Ctrl-C leaves no process and no mount behind. */
function onStop(discard: () => Promise<void>) {
  const stop = (signal: NodeJS.Signals) => {
    console.error(`${signal}: cleaning up`);
    void discard().finally(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return { off: () => signals.forEach((signal) => void process.off(signal, stop)) };
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ServerError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

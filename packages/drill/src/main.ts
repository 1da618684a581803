/** `npm run drill`: the last line is the verdict. */
import { ServerError } from '@coachloop/servers';
import { Stopped } from '@coachloop/simulation/stop';
import type { Deployment } from './deployment.ts';
import { DistributedDeployment } from './distributed/deployment.ts';
import { EmbeddedDeployment } from './embedded/deployment.ts';
import { DrillError } from './errors.ts';
import { runMutants } from './mutants.ts';
import { type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { faultTable, reportLines } from './report.ts';
import { callsFrom, drill, type Outcome } from './run.ts';
import { wordsOf } from './schedule.ts';
import { siteOf } from './site.ts';
import { untilStopped } from './stop.ts';

/** From here on a Java that takes longer to start and is faster then is the better one. */
const LASTING_MINUTES = 3;

type Say = (line: string) => void;

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { seed, minutes, schedule, json } = options;
  const say = json ? console.error : console.log;
  // Before anything comes into being.
  const stopped = untilStopped();
  if (options.mutants) return (await runMutants(say, stopped)) ? 0 : 1;
  say(`seed ${seed}, ${minutes} minutes: ${schedule.length} faults`);
  for (const fault of schedule) say(`  ${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${wordsOf(fault)}`);
  if (options.dryRun) {
    if (json) console.log(JSON.stringify({ seed, minutes, schedule }));
    return 0;
  }
  return await inFolders(options, stopped, say);
}

/** Whatever happens, what it made is gone afterwards, or told; and the verdict is the last line. */
async function inFolders(options: Options, stopped: Promise<never>, say: Say): Promise<number> {
  const { seed, minutes, rate, agents, schedule, embedded, mutant } = options;
  const lasting = minutes >= LASTING_MINUTES;
  const nowMs = Date.now();
  const callsFromMs = callsFrom(nowMs);
  const site = siteOf(minutes, callsFromMs, nowMs, schedule);
  const deployment = embedded
    ? new EmbeddedDeployment({ site, mutant })
    : new DistributedDeployment({ site, mutant, lasting });
  const reference = new EmbeddedDeployment({ site, plain: true });
  let outcome: Outcome | null = null;
  let ended: unknown = null;
  let isPrepared = false;
  try {
    await Promise.race([Promise.all([deployment.prepare(), reference.prepare()]), stopped]);
    isPrepared = true;
    if (deployment instanceof DistributedDeployment) say(deployment.description);
    say(`data in ${deployment.directory}`);
    outcome = await Promise.race([
      drill({ seed, minutes, rate, agents, schedule, callsFromMs, site, deployment, reference, say }),
      stopped,
    ]);
  } catch (error) {
    ended = error;
  }
  if (ended instanceof Stopped)
    console.error(`${ended.signal}: cleaning up (once more, and it ends at once, and leaves what it made)`);
  // There is nothing to look at then.
  const isGone = ended instanceof Stopped || (ended !== null && !isPrepared);
  const ok = outcome?.violations.length === 0;
  // What a mutant that was found did is no riddle.
  const isAsWanted = ok || (mutant !== null && outcome !== null);
  const isKept = options.keep || !isAsWanted;
  await cleaned(deployment, !isGone && isKept, say);
  await cleaned(reference, false, say);
  if (isGone) throw ended;
  return tell(options, outcome, ended === null ? null : brokenBy(ended), isKept, deployment, say) ? 0 : 1;
}

async function cleaned(deployment: Deployment, keep: boolean, say: Say): Promise<void> {
  await deployment.discard(keep).catch((error: unknown) => {
    say(`Not cleaned up: ${deployment.directory}: ${error instanceof Error ? error.message : error}`);
  });
}

const brokenBy = (error: unknown): DrillError =>
  error instanceof DrillError
    ? error
    : new DrillError('DRILL_BROKEN', error instanceof Error ? (error.stack ?? error.message) : String(error));

function tell(
  { embedded, seed, minutes, rate, agents, only, mutant, json }: Options,
  outcome: Outcome | null,
  broken: DrillError | null,
  isKept: boolean,
  { kept, lookAtIt }: Deployment,
  say: Say,
): boolean {
  const violations = outcome?.violations ?? [];
  const ok = broken === null && violations.length === 0;
  const found = outcome?.found ?? 0;
  if (outcome) for (const line of reportLines(outcome)) say(line);
  if (found > violations.length) say(`and ${found - violations.length} more`);
  if (broken) say(broken.message);
  const again = [
    `npm run drill --${embedded ? ' --embedded' : ''}`,
    `--minutes ${minutes}`,
    `--seed ${seed}`,
    `--rate ${rate}`,
    `--agents ${agents}`,
  ];
  if (only !== null) again.push(`--only ${only}`);
  if (mutant !== null) again.push(`--mutant ${mutant}`);
  if (isKept) for (const line of [`The folder is kept: ${kept}`, ...lookAtIt]) say(line);
  if (!ok) say(`Again, with the same faults: ${again.join(' ')}`);
  if (json) {
    const { figures = {}, troubled = {}, survived = [] } = outcome ?? {};
    const told = broken && { code: broken.code, message: broken.message };
    const faults = faultTable(survived);
    console.log(JSON.stringify({ ok, seed, minutes, faults, figures, troubled, violations, found, broken: told }));
  }
  say(`drill: seed ${seed}: ${verdictOf(outcome, broken, mutant)}`);
  return ok;
}

function verdictOf(outcome: Outcome | null, broken: DrillError | null, mutant: string | null): string {
  if (broken || outcome === null) return `FAILED before its checks (${broken?.code})`;
  const { survived, found } = outcome;
  if (found > 0) return `FAILED (${found} findings)${mutant === null ? '' : `: the mutant ${mutant} was found`}`;
  const made = survived.filter(({ recoveredMs }) => recoveredMs !== null).length;
  const rest = survived.length - made;
  const left = rest === 0 ? '' : `, ${rest} not run`;
  const missed = mutant === null ? '' : `; the mutant ${mutant} was NOT found`;
  return `${made} faults survived${left}, 0 lost, 0 doubled, in order${missed}`;
}

try {
  // Of a drill that broke off something may still be under way, with nothing any more to work with: it is not waited for.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (error instanceof Stopped) process.exit(error.exitCode);
  if (!(error instanceof UsageError || error instanceof ServerError || error instanceof DrillError)) throw error;
  console.error(`drill: ${error.message}`);
  if (error instanceof UsageError) console.error('npm run drill -- --help tells what can be asked.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

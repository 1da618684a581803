/** One drill: load and faults side by side, then quiet, then the checks. It knows no deployment but through its interface. */
import { setTimeout } from 'node:timers/promises';
import { casesOf } from './check/cases.ts';
import { agentsOf, totalsOf } from './check/chain.ts';
import { digestAtRest } from './check/digests.ts';
import { judge, type Witnessed } from './check/judge.ts';
import { allLettersOf } from './check/letters.ts';
import { wallOf } from './check/wall.ts';
import type { Deployment, Survived } from './deployment.ts';
import { Load } from './load/load.ts';
import { referenceOf } from './reference.ts';
import { type Fault, wordsOf } from './schedule.ts';
import { DAY_MS, type Site } from './site.ts';

export interface DrillOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Calls per second that are aimed at. */
  readonly rate: number;
  readonly agents: number;
  readonly schedule: readonly Fault[];
  /** When the first call begins, by the clock of the calls. */
  readonly callsFromMs: number;
  readonly site: Site;
  readonly deployment: Deployment;
  /** A fresh one of the same kind, to which nothing will be done. */
  readonly reference: Deployment;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly survived: readonly Survived[];
  /** The first of what was found. */
  readonly violations: readonly string[];
  /** How much it is in all. */
  readonly found: number;
  readonly figures: Readonly<Record<string, number>>;
  /** Answers of the kind 5xx other than 503, by status and code; each was repeated. */
  readonly troubled: Readonly<Record<string, number>>;
}

/** The calls of a drill last less; so all of them are over, and none is too old to open a case. */
const DAYS_BACK = 2;
/** When the load has lasted this much longer, faults that the machine was too slow for are left out, and nothing is waited for. */
const OVERTIME = 1.5;
const OVERTIME_MS = 120_000;
const TOO_SLOW = 'the machine was too slow for all of them in time';
/** The late subscriber comes after this share of the load. */
const LATE_SHARE = 0.4;
const STRANGE_EVERY_MS = 2_000;
/** Half of them wait for a decision until the end, and how many may has its bounds. */
const STRANGE_MAX = 240;
const PROGRESS_REQUESTS = 5;
const PROGRESS_MS_MAX = 10_000;
const NO_LOAD = `fewer than ${PROGRESS_REQUESTS} requests in the ${PROGRESS_MS_MAX / 1_000} s before it`;
const LOOK_MS = 20;
const SILENT_MS = 1_500;
/** A letter about a letter about a letter; what is open then stays so, and is found. */
const REPLAYS_MAX = 8;
/** Once everything is handled, until whoever subscribed has heard of it. */
const HEARING_MS_MAX = 300_000;
/** An hour takes a second, and in so many something has to end. */
const PASSING_MS_MAX = 60_000;

/** So that all of the calls are over, by the clock of the platform. */
export const callsFrom = (nowMs: number): number => Math.floor(nowMs / DAY_MS - DAYS_BACK) * DAY_MS;

export async function drill(options: DrillOptions): Promise<Outcome> {
  const { seed, agents, minutes, rate, deployment, reference, say } = options;
  const size = { seed, agents, startMs: options.callsFromMs };
  await deployment.start(options.schedule[0] ?? null);
  const { bus } = deployment;
  const everyMs = Math.max(STRANGE_EVERY_MS, (minutes * 60_000) / STRANGE_MAX);
  const load = new Load(deployment.url, size, rate, bus && { write: bus, everyMs });
  let witnessed: Witnessed;
  try {
    witnessed = await witness(options, load);
  } finally {
    await load.stop();
  }
  await deployment.stop();
  const calls = load.sender.calls.begun;
  say(`quiet; the same ${calls} calls on a platform to which nothing is done`);
  const undisturbed = await referenceOf(reference, size, calls, say);
  say('reading the log');
  return judge({ ...witnessed, undisturbed, site: options.site }, load, deployment);
}

/** From the first call to the last word of anybody. */
async function witness(options: DrillOptions, load: Load): Promise<Witnessed> {
  const { deployment, say } = options;
  const { survived, seconds } = await torment(options, load);
  const calls = load.sender.calls.begun;
  const pace = `${(calls / seconds).toFixed(1)} a second of the ${options.rate} that were aimed at`;
  say(`load over after ${seconds.toFixed(0)} s: ${calls} calls, ${pace}; finishing them`);
  await load.end();
  load.late.begin();
  await quiet(deployment.url, load);
  for (let left = REPLAYS_MAX; left > 0 && (await load.clerk?.replayAll()); left -= 1)
    await quiet(deployment.url, load);
  // Some of what it shows of calls is of the last days.
  const wall = await wallOf(load.client);
  const casesBefore = await casesOf(load.client);
  await timePasses(options, load);
  return {
    survived,
    seconds,
    digest: await digestAtRest(deployment.url),
    casesBefore,
    cases: await casesOf(load.client),
    letters: await allLettersOf(load.client),
    agents: await agentsOf(load.client),
    totals: await totalsOf(load.client),
    wall,
  };
}

/**
 * The faults in their order, each not before its time, so many at once as the deployment bears. The load lasts as long as was asked for, and
 * on a slow machine until each part of the loop has happened.
 */
async function torment({ schedule, deployment, minutes, say }: DrillOptions, load: Load) {
  const sinceMs = performance.now();
  const lastsMs = minutes * 60_000;
  const survived: Survived[] = [];
  const going = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const passed = () => performance.now() - sinceMs;
  const overtime = () => passed() > lastsMs * OVERTIME + OVERTIME_MS;
  const tell = (i: number, outcome: Survived, more = '') => {
    survived.push(outcome);
    say(`${String(i + 1).padStart(4)}/${schedule.length}  ${lineOf(outcome, passed(), load)}${more}`);
  };
  const one = async (i: number, fault: Fault, next: Fault | null, isUnderLoad: boolean) => {
    const outcome = await deployment.inflict(fault, next);
    tell(i, outcome, isUnderLoad ? '' : `; ${NO_LOAD}`);
  };
  let armed = deployment.armsAhead ? (schedule[0] ?? null) : null;
  for (const [i, fault] of schedule.entries()) {
    const isLate = overtime();
    // What is armed comes all the same, and somebody has to be there to start it again.
    if (isLate && !(fault.kind === 'crash' && fault === armed)) {
      tell(i, { fault, recoveredMs: null, notRun: TOO_SLOW });
      continue;
    }
    // A crash that is armed already: whenever it comes, somebody has to be there to start it again.
    let isUnderLoad = true;
    if (fault.kind !== 'crash' || !deployment.armsAhead) {
      await setTimeout(Math.max(0, fault.atMs - passed()));
      isUnderLoad = await progress(load);
    }
    if (passed() > lastsMs * LATE_SHARE) load.late.begin();
    const next = isLate ? null : (schedule[i + 1] ?? null);
    armed = deployment.armsAhead ? next : null;
    const work: Promise<void> = one(i, fault, next, isUnderLoad)
      .catch((error: unknown) => failures.push(error))
      .then(() => void going.delete(work));
    going.add(work);
    if (going.size >= deployment.atOnce) await Promise.race(going);
    if (failures.length > 0) break;
  }
  await Promise.all(going);
  if (failures.length > 0) throw failures[0];
  await setTimeout(Math.max(0, lastsMs - passed()));
  const { pulse } = load;
  if (pulse.unheard.length > 0) say(`no ${pulse.unheard.join(', no ')} yet: the load goes on`);
  while (pulse.unheard.length > 0 && !overtime()) await setTimeout(SILENT_MS);
  return { survived, seconds: passed() / 1_000 };
}

/** Faults without load between them would prove little; false: too little of it came. A crash that is armed may come at any time all the same. */
async function progress({ client }: Load): Promise<boolean> {
  const wanted = client.acknowledged + PROGRESS_REQUESTS;
  for (const untilMs = performance.now() + PROGRESS_MS_MAX; performance.now() < untilMs; await setTimeout(LOOK_MS))
    if (client.acknowledged >= wanted) return true;
  return false;
}

function lineOf({ fault, recoveredMs, note, notRun }: Survived, passedMs: number, { sender, client }: Load): string {
  const how = recoveredMs === null ? `not run: ${notRun}` : `back after ${(recoveredMs / 1_000).toFixed(1)} s`;
  const sent = `${sender.calls.begun} calls, ${client.acknowledged} requests, ${client.repeated} repeated`;
  return `${(passedMs / 1_000).toFixed(0).padStart(4)} s  ${wordsOf(fault)}: ${how}${note ? ` (${note})` : ''}; ${sent}`;
}

/** Until nothing is left that could come due: each case has ended, by whatever became of it. Where one does not, the checks tell. */
async function timePasses({ deployment, say }: DrillOptions, load: Load): Promise<void> {
  await deployment.passTime();
  const sinceMs = performance.now();
  const passed = () => performance.now() - sinceMs;
  for (let [open, untilMs] = [Infinity, 0]; open > 0; ) {
    await quiet(deployment.url, load);
    const now = (await casesOf(load.client)).filter((each) => each.open).length;
    if (now < open) untilMs = passed() + PASSING_MS_MAX;
    open = now;
    const seconds = (passed() / 1_000).toFixed(0);
    if (open === 0) say(`time has passed, in ${seconds} s: each case has ended`);
    else if (passed() > untilMs) return say(`time has passed, in ${seconds} s: ${open} cases are open`);
  }
}

/** Reports bring about what is reported on, so it takes more than one look. */
async function quiet(url: string, load: Load): Promise<void> {
  await digestAtRest(url);
  for (const untilMs = performance.now() + HEARING_MS_MAX; performance.now() < untilMs; await digestAtRest(url)) {
    await setTimeout(SILENT_MS / 4);
    if (load.silentMs > SILENT_MS && (await load.recipient.isServed())) return;
  }
  load.ledger.wrong(`quiet: ${HEARING_MS_MAX / 1_000} s after everything was handled, subscribers were still served`);
}

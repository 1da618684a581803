/** One seed: a load under faults, quiet, sleepers that wake last, weeks later the dead letters, the deadlines, and then the checks. */
import type { LogRecord } from '@coachloop/event-log';
import { DOCUMENT_BOUNDS } from '@coachloop/runtime';
import { check } from './checks/index.ts';
import type { FaultKind, Limits, ObservedKind } from './faults.ts';
import { NO_LIMITS } from './faults.ts';
import { Random } from './random.ts';
import { AS_SHIPPED } from './services.ts';
import { Torment } from './torment.ts';
import { Workload } from './workload.ts';
import { World } from './world.ts';

export interface Result {
  readonly seed: number;
  /** Empty: all is well. */
  readonly violations: readonly string[];
  readonly calls: number;
  readonly events: number;
  /** Events of the log, each counted once, however often it is there. */
  readonly distinct: number;
  readonly steps: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly observations: ReadonlyMap<ObservedKind, number>;
  /** How many cases each rule opened. */
  readonly rules: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
  /** The last saves of documents that a violation names. */
  readonly about: readonly string[];
}

const DAY_MS = 86_400_000;
/** Most of what can go wrong shows with a few calls. */
const SMALL = [1, 2, 3, 4, 6, 8];
const LARGE = [20, 60, 120];
/** As many calls of few agents as it takes to be sure of a low level. */
const MIDDLE = [8, 12, 16, 24];
const STEPS_MAX = 600_000;
/** Virtual ms within which everything has to come to rest once nothing goes wrong any more. */
const QUIET_MS_MAX = 120_000;
const DEADLINE_ROUNDS_MAX = 40;
/** Of replaying all that is open; at least three, and as long as something else is open than the time before. */
const REPLAY_ROUNDS_MAX = 12;
const LOOK_EVERY_STEPS = 4;
/** Virtual ms that whoever wakes has for what it had in hand, before anybody looks whether all is at rest: nobody waits for that. */
const AWAKE_MS = 60;

export async function run(seed: number, limits: Limits = NO_LIMITS): Promise<Result> {
  const bounds = { ...DOCUMENT_BOUNDS };
  try {
    return await simulate(seed, limits);
  } finally {
    Object.assign(DOCUMENT_BOUNDS, bounds);
  }
}

async function simulate(seed: number, limits: Limits): Promise<Result> {
  const size = new Random(seed, 'size');
  Object.assign(DOCUMENT_BOUNDS, { inbox_hot_max: size.pick([4, 4, 6, 12, 64]) });
  const world = new World(seed, limits);
  const shipped = world.site === AS_SHIPPED;
  const sizes = size.chance(0.96) ? SMALL : LARGE;
  const calls = Math.min(size.pick(shipped ? MIDDLE : sizes), limits.calls_max);
  // Dense, so that batches grow; where there are many, slow enough that some come after a training, and cases are closed.
  const lastsMs = calls * size.pick([1, 2, 4]) * (calls < 20 ? 1 : 30);
  const workload = new Workload(world, { calls, agents: size.between(1, shipped ? 2 : 4), lastsMs });
  const torment = new Torment(world, workload);
  await world.log.createTopics(
    ['call-intake', 'training-intake', 'training-events'].map((name) => ({ name, partitions: 12 })),
  );
  const violations: string[] = [];
  const onRejection = (error: unknown) => void violations.push(thrown(error));
  process.on('unhandledRejection', onRejection);
  try {
    world.fleet.startAll(limits.processes_max);
    workload.start();
    torment.start();
    await advance(world, lastsMs + 700);
    await settleDown(world, workload, torment);
    violations.push(...world.ledger.violations);
    if (violations.every((text) => !text.startsWith('stuck'))) violations.push(...(await check(world, workload)));
  } catch (error) {
    violations.push(thrown(error));
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  for (const violation of violations) world.ledger.saves.tell(violation);
  const records = [...world.log.records.values()].flat();
  return {
    seed,
    violations,
    calls,
    events: records.length,
    distinct: new Set(records.map(nameOf)).size,
    steps: world.scheduler.steps,
    faults: world.faults.counts,
    observations: world.faults.observations,
    rules: rulesOf(world),
    trace: world.trace,
    about: world.ledger.saves.lines(),
  };
}

/** Source and id; also of what nobody can read. */
const nameOf = ({ headers: { ce_source, ce_id } }: LogRecord): string =>
  `${Buffer.from(ce_source ?? [])}\u001f${Buffer.from(ce_id ?? [])}`;

/** By which rules cases were opened. */
function rulesOf({ log, reader }: World): ReadonlyMap<string, number> {
  const rules = new Map<string, number>();
  for (const [lane, records] of log.records) {
    if (!lane.startsWith('training-events/')) continue;
    for (const record of records) {
      const envelope = reader.envelopeOf(record);
      if (envelope.type !== 'training.case.opened') continue;
      const { trigger } = reader.dataOf(envelope, new Map()) as { readonly trigger: { readonly rule: string } };
      rules.set(trigger.rule, (rules.get(trigger.rule) ?? 0) + 1);
    }
  }
  return rules;
}

/** Nothing here throws unless something is wrong, with a mistake built in or without. */
const thrown = (error: unknown): string =>
  `exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;

async function settleDown(world: World, workload: Workload, torment: Torment): Promise<void> {
  const { fleet, faults } = world;
  faults.armed = false;
  world.note('quiet');
  torment.letDaysPass();
  fleet.setClocks();
  fleet.ensureAll();
  if (!(await drain(world, workload, 'after the load'))) return;
  if (!(await wake(world, workload, 0.5))) return;
  fleet.retireMost();
  world.calm = true;
  // Weeks later the defects are repaired, and the operator replays, some letters twice.
  world.jump(30 * DAY_MS);
  fleet.repaired = true;
  await torment.discard();
  // Half of those that still sleep go on in the midst of it, and the others when all is done.
  if (!(await wake(world, workload, 0.5))) return;
  if (!(await drain(world, workload, 'after the discards'))) return;
  // The word of a letter may itself have been parked, and the word of that: each round opens one more.
  let before = '';
  for (let round = 0; round < REPLAY_ROUNDS_MAX; round += 1) {
    world.note(`replays, round ${round}`);
    const open: string[] = [];
    for (const { name } of world.site.services) {
      const asked = await torment.replay(name);
      open.push(...asked);
      if (round > 0 || asked.length === 0 || !faults.due('replay-twice')) continue;
      await torment.replay(name);
      faults.happened('replay-twice', name);
    }
    if (!(await drain(world, workload, 'after the replays'))) return;
    if (round >= 2 && open.join() === before) break;
    before = open.join();
  }
  torment.duplicateLate();
  if (!(await drain(world, workload, 'after the late duplicates'))) return;
  if (!(await passDeadlines(world, workload))) return;
  if (await wake(world, workload, 1)) await passDeadlines(world, workload);
}

/** A share of the sleepers go on, with what they had in hand. */
async function wake(world: World, workload: Workload, share: number): Promise<boolean> {
  if (world.fleet.wake(share) === 0) return true;
  world.note('sleepers wake');
  await advance(world, AWAKE_MS);
  return drain(world, workload, 'after sleepers woke');
}

async function passDeadlines(world: World, workload: Workload): Promise<boolean> {
  const { timers } = world.ledger;
  for (let round = 0; round < DEADLINE_ROUNDS_MAX && timers.size > 0; round += 1) {
    world.jump(Math.max(0, Math.min(...timers.values()) - world.now()) + DAY_MS);
    if (!(await drain(world, workload, 'after a deadline'))) return false;
  }
  if (timers.size === 0) return true;
  world.ledger.violation(`stuck: ${timers.size} timers are set anew for ever`);
  return false;
}

/** Lets time go on. */
async function advance(world: World, forMs: number): Promise<void> {
  const { scheduler } = world;
  const until = scheduler.now + forMs;
  await scheduler.runWhile(() => scheduler.now < until && scheduler.steps < STEPS_MAX);
}

async function drain(world: World, workload: Workload, when: string): Promise<boolean> {
  const { scheduler } = world;
  const until = scheduler.now + QUIET_MS_MAX;
  let isDone = false;
  let steps = 0;
  await scheduler.runWhile(() => {
    isDone = steps % LOOK_EVERY_STEPS === 0 && isAtRest(world, workload);
    steps += 1;
    return !isDone && scheduler.now < until && scheduler.steps < STEPS_MAX;
  });
  if (isDone) return true;
  world.ledger.violation(`stuck ${when}: ${undone(world, workload).slice(0, 5).join('; ')}`);
  return false;
}

/** What is quickly seen first. */
const isAtRest = (world: World, workload: Workload): boolean =>
  world.scheduler.busy === 0 &&
  world.ledger.waiting.size === 0 &&
  workload.open === 0 &&
  undone(world, workload).length === 0;

/** What is still to be done; nothing: all is at rest. */
function undone(world: World, workload: Workload): string[] {
  const { scheduler, log, ledger, store } = world;
  const why: string[] = [];
  if (scheduler.busy > 0) why.push(`${scheduler.busy} calls are under way`);
  if (workload.open > 0) why.push(`${workload.open} requests are not answered`);
  if (store.unsettled > 0) why.push(`${store.unsettled} writes are not settled`);
  for (const [lane, records] of log.records) {
    if (records.length === 0) continue;
    for (const name of world.site.readersOf(lane.slice(0, lane.lastIndexOf('/'))))
      if (log.group(name).committed(lane) < records.length) why.push(`${name} has not read ${lane}`);
  }
  for (const name of ledger.waiting) why.push(`the outbox of ${name} waits`);
  const now = world.now();
  for (const [name, wakeAt] of ledger.timers) if (wakeAt <= now) why.push(`the timer of ${name} is due`);
  return why;
}

/** The words after `npm run drill --`. */
import { parseArgs } from 'node:util';
import { SERVICES } from '@coachloop/contracts';
import { mutantNamed } from '@coachloop/simulation/mutants';
import { withNegatives } from '@coachloop/simulation/words';
import { distributedSchedule } from './distributed/schedule.ts';
import {
  EMBEDDED_PLACES,
  type FaultKind,
  isAtPlace,
  isOfService,
  type KindAtPlace,
  type Only,
  PLACES,
  type Place,
  placesOf,
  type Schedule,
  SPILLED,
  type Spot,
  scheduleOf,
} from './schedule.ts';

export const USAGE = `npm run drill -- [--embedded] [options]

Runs the real platform in a folder of its own, under load over HTTP, and hurts it again and again. In the end a checker that knows each
call it sent reads the public log: nothing lost, nothing doubled, everything in order.

Without --embedded: a process per service, two of some, on a real Kafka and a MongoDB stand-in that it starts itself (Java 17, see
npm run servers). Processes, broker and database are killed, frozen, added, removed; groups are set back, clocks moved by hours; strangers write rubbish to the topics.

  --embedded       one process on SQLite, the default of \`npm start\`
  --minutes N      how long load and faults last (default 1; 0.1 to 600); longer where recoveries take long, and the checks come on top
  --seed S         which faults, which calls (default 1); the same seed gives the same schedule
  --only KIND,…    of all faults only these, each as often as it is named: store-killed, freeze; of one service, freeze:qa-scoring; at one
                   place (crash, freeze-at, service-down, hours-later), crash:call-ingest/saved; there when it has been passed so often, crash:call-ingest/saved:8
  --dry-run        print the schedule, with --json as JSON on stdout, and do nothing
  --rate N         calls per second that are aimed at (default 5, embedded 25)
  --agents N       who take them (default: one for each 60 calls, 8 to 400); many of them speak seldom, each
  --mutant NAME    with a mistake of the simulation's list built in: the drill has to fail
  --mutants        a short drill for each of those that are known to be found, with a schedule of its own: a table of them; alone
  --keep           keep the folder although all went well
  --json           the outcome as JSON on stdout, progress on stderr
  --help           this

Exit code 0: all is well; 1: something was lost, doubled, out of order or did not come back; 2: wrong words.`;

export interface Options {
  readonly embedded: boolean;
  readonly dryRun: boolean;
  readonly mutants: boolean;
  readonly minutes: number;
  readonly seed: number;
  readonly only: string | null;
  /** A pure function of the others. */
  readonly schedule: Schedule;
  readonly rate: number;
  readonly agents: number;
  readonly mutant: string | null;
  readonly keep: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {}

const CALLS_PER_AGENT = 60;
const AGENTS = { min: 8, max: 400 } as const;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: withNegatives(args),
      options: {
        ...{ minutes: text, seed: text, rate: text, agents: text, only: text, mutant: text },
        ...{ embedded: flag, 'dry-run': flag, mutants: flag, keep: flag, json: flag, help: { ...flag, short: 'h' } },
      },
    });
    const { embedded = false, help = false, mutants = false } = values;
    const more = Object.keys(values).find((name) => name !== 'mutants' && name !== 'help');
    if (mutants && more !== undefined)
      throw new Error(`--mutants has a list and schedules of its own, and does not go with --${more}.`);
    const seed = numberOf('--seed', values.seed ?? '1', 0, Number.MAX_SAFE_INTEGER);
    if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number, not ${values.seed}.`);
    const minutes = numberOf('--minutes', values.minutes ?? '1', 0.1, 600);
    const rate = numberOf('--rate', values.rate ?? (embedded ? '25' : '5'), 1, 1_000);
    const agents = values.agents === undefined ? null : numberOf('--agents', values.agents, 1, AGENTS.max);
    if (agents !== null && !Number.isInteger(agents))
      throw new Error(`--agents must be a whole number, not ${values.agents}.`);
    const only = values.only ?? null;
    const drawnFrom = only === null ? null : onlyOf(only, [...(embedded ? EMBEDDED_PLACES : PLACES), ...SPILLED]);
    const schedule = (embedded ? scheduleOf : distributedSchedule)(seed, minutes, drawnFrom);
    return {
      embedded,
      mutants,
      dryRun: values['dry-run'] ?? false,
      minutes,
      seed,
      only,
      schedule,
      rate,
      agents: agents ?? Math.round(Math.min(AGENTS.max, Math.max(AGENTS.min, (minutes * 60 * rate) / CALLS_PER_AGENT))),
      mutant: values.mutant === undefined ? null : mutantNamed(values.mutant).name,
      keep: values.keep ?? false,
      json: values.json ?? false,
      help,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What is no kind of fault is told by the schedule, which knows those of its deployment. @throws Error */
function onlyOf(text: string, known: readonly Place[]): Only {
  const words = text.split(',').map((word) => word.trim().split(':'));
  const kinds = words.map(([kind = '']) => kind as FaultKind);
  const places: Partial<Record<KindAtPlace, Spot[]>> = {};
  for (const [kind = '', at, passes] of words) {
    if (!isAtPlace(kind) || at === undefined) continue;
    const there = placesOf(kind, known);
    const place = there.find((each) => nameOf(each) === at);
    if (place === undefined) throw new Error(`--only: nobody passes ${at}, but ${there.map(nameOf).join(', ')}.`);
    const times = passes === undefined ? {} : { passes: numberOf('--only: the passes', passes, 1, 1_000) };
    places[kind] ??= [];
    places[kind].push({ ...place, ...times });
  }
  const services = words.flatMap(([kind = '', name]) => {
    if (isAtPlace(kind) || name === undefined) return [];
    if (!isOfService(kind)) throw new Error(`--only: ${kind} is not done to one service; leave :${name} out.`);
    const service = SERVICES.find((each) => each === name);
    if (service === undefined) throw new Error(`--only: there is no service ${name}, but ${SERVICES.join(', ')}.`);
    return [service];
  });
  return { kinds, places, services };
}

const nameOf = ({ service, point }: Place): string => `${service}/${point}`;

function numberOf(name: string, given: string, least: number, most: number): number {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (value >= least && value <= most) return value;
  throw new Error(`${name} must be a number from ${least} to ${most}, not ${JSON.stringify(given)}.`);
}

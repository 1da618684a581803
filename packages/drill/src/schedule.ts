/** What is to go wrong, and in which order: a pure function of the seed and the length. It knows no deployment. */
import { SERVICES, type ServiceName } from '@coachloop/contracts';
import type { CrashPoint } from '@coachloop/runtime';
import { type Random, randomOf } from '@coachloop/simulator';
import { HOUR_MS } from './site.ts';

/** The console is the front door. */
export type ProcessName = ServiceName | 'console';

/** Those that every service passes, soon and often. */
const POINTS = ['loaded', 'saved', 'published', 'committed'] as const satisfies readonly CrashPoint[];

export interface Place {
  readonly service: ServiceName;
  readonly point: CrashPoint;
}

/** `atMs`: not before so much of the load has passed; a crash is armed from the fault before it on, and may come sooner. */
export type Fault = { readonly atMs: number } & (InOneProcess | InManyProcesses);

type InOneProcess =
  | { readonly kind: 'kill' }
  /** kill -9 of itself when the service passes this point for the n-th time. */
  | ({ readonly kind: 'crash'; readonly passes: number } & Place)
  /** The disk is full but for so much. */
  | { readonly kind: 'disk-full'; readonly freeKiB: number }
  /** An orderly stop and a start, as an operator does. */
  | { readonly kind: 'restart' };

/** One process of an installation: the n-th instance of a service, from 0. */
export interface Target {
  readonly service: ProcessName;
  readonly instance: number;
}

type InManyProcesses =
  | ({ readonly kind: 'kill-one' } & Target)
  /** SIGSTOP, and SIGCONT when its group has long gone on without it. */
  | ({ readonly kind: 'freeze'; readonly ms: number } & Target)
  /** The same, by itself, when the service passes this point for the n-th time: so it goes on with a batch that others have had meanwhile. */
  | ({ readonly kind: 'freeze-at'; readonly passes: number; readonly ms: number } & Place)
  /** kill -9 of all of a service; started again after so long, one of them kills itself at this point, while they catch up. */
  | ({ readonly kind: 'service-down'; readonly passes: number; readonly downMs: number } & Place)
  /** The same, and from then on the clocks of the service are so much further. */
  | ({ readonly kind: 'hours-later'; readonly passes: number; readonly downMs: number; readonly byMs: number } & Place)
  | { readonly kind: 'broker-killed'; readonly downMs: number }
  | { readonly kind: 'store-killed'; readonly downMs: number }
  /** It stands still most of the time, so that each command takes a moment, and what lies between two of them can be hit. */
  | { readonly kind: 'store-slow'; readonly ms: number }
  | { readonly kind: 'instance-added'; readonly service: ServiceName }
  /** SIGTERM: it has to end in order, in its bound. */
  | ({ readonly kind: 'instance-removed' } & Target)
  /** All of a service are stopped, its group is set back to the first record of every partition, and they are started again. */
  | { readonly kind: 'read-again'; readonly service: ServiceName }
  /** For so long a release runs that fails at so many of 100 messages; then one that does not. What was parked meanwhile is replayed. */
  | { readonly kind: 'defect'; readonly service: ServiceName; readonly percent: number; readonly ms: number }
  /** A newer one runs beside it: into documents of this service it writes a field that this release does not know. */
  | { readonly kind: 'newer-release'; readonly service: ServiceName }
  /** From now on its clock is wrong by so much. */
  | ({ readonly kind: 'clock'; readonly offsetMs: number } & Target);
export type FaultKind = Fault['kind'];
export type Schedule = readonly Fault[];

export const PLACES: readonly Place[] = SERVICES.flatMap((service) => POINTS.map((point) => ({ service, point })));
/** Passed by who keeps word of more sources than an inbox holds; not soon, so it is not drawn, and can be named. */
export const SPILLED: readonly Place[] = SERVICES.map((service) => ({ service, point: 'spilled' }));
/** In one process all calls come over HTTP, where there is nothing to commit: call-ingest passes two of the points. */
export const EMBEDDED_PLACES: readonly Place[] = PLACES.filter(
  ({ service, point }) => service !== 'call-ingest' || point === 'loaded' || point === 'saved',
);

export const FAULT_EVERY_MS = 6_000;
/** Of each ten faults. */
const DECK = [
  'crash',
  'crash',
  'crash',
  'crash',
  'crash',
  'kill',
  'kill',
  'kill',
  'disk-full',
  'restart',
] as const satisfies readonly FaultKind[];
const PASSES_MAX = 20;
const FREE_KIB = { min: 64, max: 1_024 } as const;

/** Where it comes; without `passes` their number is drawn. */
export interface Spot extends Place {
  readonly passes?: number;
}

/** Faults that come when a service passes a place. */
const AT_PLACES = ['crash', 'freeze-at', 'service-down', 'hours-later'] as const satisfies readonly FaultKind[];
export type KindAtPlace = (typeof AT_PLACES)[number];
export const isAtPlace = (kind: string): kind is KindAtPlace => AT_PLACES.some((each) => each === kind);

/** Of services that wait for something that comes due after hours or days. */
export const TIMED: readonly ServiceName[] = ['training-assignment', 'evaluation'];
/** Of all places those at which it can come. */
export const placesOf = (kind: KindAtPlace, all: readonly Place[]): readonly Place[] =>
  kind === 'hours-later' ? all.filter(({ service }) => TIMED.includes(service)) : all;

const OF_SERVICES: readonly string[] = [
  'kill-one',
  'freeze',
  'instance-added',
  'instance-removed',
  'clock',
  'read-again',
  'defect',
  'newer-release',
] satisfies readonly FaultKind[];
/** Whether a service may be named to which it is done. */
export const isOfService = (kind: string): boolean => OF_SERVICES.includes(kind);

/** What a schedule is drawn from, where that is not everything: `store-killed`, `crash:call-ingest/saved`. */
export interface Only {
  readonly kinds: readonly FaultKind[];
  /** Of a kind that comes at places; none: all of them. */
  readonly places: Partial<Record<KindAtPlace, readonly Spot[]>>;
  /** Of everything else that is done to a service; none: all of them. */
  readonly services: readonly ServiceName[];
}

/** Each kind as often as it was named. @throws RangeError where there is no such kind in `deck`. */
export function drawnFrom<K extends FaultKind>(deck: readonly K[], only: Only | null): readonly K[] {
  if (only === null) return deck;
  return only.kinds.map((kind) => {
    const found = deck.find((each) => each === kind);
    if (found === undefined)
      throw new RangeError(`--only: there is no ${kind} here, but ${[...new Set(deck)].join(', ')}.`);
    return found;
  });
}

/** Of one process. One fault about every six seconds; no place comes again before each has had its turn. */
export function scheduleOf(seed: number, minutes: number, only: Only | null = null): Schedule {
  const random = randomOf('drill', seed);
  const kinds = endless(drawnFrom(DECK, only), random);
  const armed = spots(only?.places.crash ?? EMBEDDED_PLACES, PASSES_MAX, random);
  const count = Math.max(1, Math.floor((minutes * 60_000) / FAULT_EVERY_MS));
  return Array.from({ length: count }, (_, i) => {
    const atMs = Math.round((i + random.next()) * FAULT_EVERY_MS);
    const kind = kinds();
    switch (kind) {
      case 'crash':
        return { kind, atMs, ...armed() };
      case 'disk-full':
        return { kind, atMs, freeKiB: random.int(FREE_KIB.min, FREE_KIB.max) };
      default:
        return { kind, atMs };
    }
  });
}

/** All of them in random order, then all of them again. */
export function endless<T>(list: readonly T[], random: Random): () => T {
  let rest: T[] = [];
  return () => {
    if (rest.length === 0) rest = [...list];
    const [taken] = rest.splice(random.int(0, rest.length - 1), 1);
    if (taken === undefined) throw new RangeError('nothing to draw from');
    return taken;
  };
}

/** Where it comes, and when that has been passed so often: drawn also where that was named, so that the rest of a schedule stays as it is. */
export function spots(places: readonly Spot[], passesMax: number, random: Random): () => Place & { passes: number } {
  const place = endless(places, random);
  return () => {
    const spot = place();
    return { passes: random.int(1, passesMax), ...spot };
  };
}

export function wordsOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return 'kill -9';
    case 'crash':
      return `kill -9 at ${placeOf(fault)}`;
    case 'disk-full':
      return `disk full but for ${fault.freeKiB} KiB`;
    case 'restart':
      return 'stop and start';
    case 'kill-one':
      return `kill -9 of ${nameOf(fault)}`;
    case 'freeze':
      return `SIGSTOP of ${nameOf(fault)} for ${fault.ms / 1_000} s`;
    case 'freeze-at':
      return `SIGSTOP at ${placeOf(fault)} for ${fault.ms / 1_000} s`;
    case 'service-down':
      return `${fault.service} is down for ${fault.downMs / 1_000} s, then kill -9 at ${placeOf(fault)}`;
    case 'hours-later':
      return `${fault.service} is down for ${fault.downMs / 1_000} s, and ${fault.byMs / HOUR_MS} h later kill -9 at ${placeOf(fault)}`;
    case 'broker-killed':
      return `kill -9 of the broker, down for ${fault.downMs / 1_000} s`;
    case 'store-killed':
      return `kill -9 of the database, down for ${fault.downMs / 1_000} s`;
    case 'store-slow':
      return `the database is slow for ${fault.ms / 1_000} s`;
    case 'instance-added':
      return `one more ${fault.service}`;
    case 'instance-removed':
      return `SIGTERM of ${nameOf(fault)}`;
    case 'read-again':
      return `${fault.service} reads everything again`;
    case 'defect':
      return `${fault.service} fails at ${fault.percent} of 100 messages for ${fault.ms / 1_000} s`;
    case 'newer-release':
      return `a newer release writes documents of ${fault.service}`;
    case 'clock':
      return `the clock of ${nameOf(fault)} is wrong by ${fault.offsetMs / 1_000} s`;
  }
}

/** As COACHLOOP_CRASH_AT. */
export const placeOf = ({ service, point, passes }: Place & { readonly passes: number }): string =>
  `${service}/${point}:${passes}`;

export const nameOf = ({ service, instance }: Target): string => `${service} ${instance + 1}`;

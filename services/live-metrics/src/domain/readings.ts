/** A window's sums → readings. The formulas are those of docs/metrics.md, one function each. */
import type { FigureId, Reading } from '@coachloop/contracts';
import type { Bag } from './bag.ts';
import { WAIT_BOUNDS_SECONDS } from './counts-call.ts';

export const UNKNOWN: Reading = { value: null, n: 0 };

export const count = (bag: Bag, name: string): number => bag[name] ?? 0;

/** To two decimals. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

/** `part` of `n` in percent; unknown of nothing. */
export const percent = (part: number, n: number): Reading =>
  n > 0 ? { value: rounded((100 * part) / n), n } : UNKNOWN;

/** Sums are in hundredths. */
export const meanOf = (bag: Bag, name: string): Reading => {
  const n = count(bag, `${name}.n`);
  return n > 0 ? { value: rounded(count(bag, `${name}.sum`) / n / 100), n } : UNKNOWN;
};

const meanSeconds = (bag: Bag, name: string): Reading => {
  const n = count(bag, `${name}.n`);
  return n > 0 ? { value: rounded(count(bag, `${name}.ms`) / n / 1000), n } : UNKNOWN;
};

/** Answered within `seconds`, of all that were answered or abandoned. */
export function serviceLevel(countOf: (name: string) => number, seconds: number): Reading {
  const inTime = WAIT_BOUNDS_SECONDS.filter((bound) => bound <= seconds);
  return percent(
    inTime.reduce((sum, bound) => sum + countOf(`wait${bound}`), 0),
    countOf('offered'),
  );
}

/** A call without a hold was held for 0 s; one whose after-call work nobody told of is left out of that part of the mean. */
function handleTime(bag: Bag): Reading {
  const n = count(bag, 'talk.n');
  if (n <= 0) return UNKNOWN;
  const wrapups = count(bag, 'wrapup.n');
  const wrapupMs = wrapups > 0 ? count(bag, 'wrapup.ms') / wrapups : 0;
  return { value: rounded(((count(bag, 'talk.ms') + count(bag, 'hold.ms')) / n + wrapupMs) / 1000), n };
}

/** A number of events is known as soon as any of what it counts among has come. */
const howMany = (bag: Bag, name: string, known: boolean): Reading =>
  known ? { value: count(bag, name), n: count(bag, name) } : UNKNOWN;

/** What was ever seen decides what can be known. */
export interface Known {
  readonly records: boolean;
  readonly waits: boolean;
  readonly evaluations: boolean;
  readonly training: boolean;
}

/** Figures that are read from the sums of any window. */
export function windowed(bag: Bag, known: Known, serviceLevelSeconds: number) {
  return {
    callsDone: howMany(bag, 'calls', known.records),
    callsAbandoned: howMany(bag, 'abandoned', known.waits),
    serviceLevel: serviceLevel((name) => count(bag, name), serviceLevelSeconds),
    abandonedRate: percent(count(bag, 'abandoned'), count(bag, 'offered')),
    waitTime: meanSeconds(bag, 'wait'),
    handleTime: handleTime(bag),
    talkTime: meanSeconds(bag, 'talk'),
    holdTime: meanSeconds(bag, 'hold'),
    wrapupTime: meanSeconds(bag, 'wrapup'),
    satisfaction: meanOf(bag, 'survey'),
    statedResolution: percent(count(bag, 'stated.yes'), count(bag, 'stated.n')),
    evaluations: howMany(bag, 'evaluations', known.evaluations),
    meanScore: meanOf(bag, 'score'),
    criticalScore: meanOf(bag, 'critical'),
    passRate: percent(count(bag, 'passed'), count(bag, 'passed') + count(bag, 'failed')),
    autoFailRate: percent(count(bag, 'autoFailed'), count(bag, 'evaluations')),
    casesOpened: howMany(bag, 'opened', known.training),
    casesClosed: howMany(bag, 'closed', known.training),
  } satisfies Partial<Record<FigureId, Reading>>;
}

/** Figures of the loop since the first event: training takes days, so that a day's worth says little. */
export function sinceStart(flow: Bag) {
  const closed = ['improved', 'held', 'escalated', 'insufficient-evidence'].reduce(
    (sum, outcome) => sum + count(flow, `outcome|${outcome}`),
    0,
  );
  const reEvaluated = (...outcomes: string[]) =>
    outcomes.reduce((sum, outcome) => sum + count(flow, `reEvaluation|${outcome}`), 0);
  const mastered = reEvaluated('closed', 'held');
  return {
    improvedRate: percent(count(flow, 'outcome|improved'), closed),
    trainingCompletion: percent(count(flow, 'trained'), count(flow, 'assigned')),
    trainingMastery: percent(mastered, mastered + reEvaluated('repeated', 'escalated')),
    meanImprovement: meanOf(flow, 'difference'),
  } satisfies Partial<Record<FigureId, Reading>>;
}

/** The merged shares → everything a wall shows. Pure: the same shares at the same time give the same snapshot. */
import {
  CASE_STAGES,
  type CallStage,
  FIGURE_IDS,
  FIGURES,
  type Figure,
  type FigureId,
  type HealthFigures,
  LOOP_TIMES,
  type LoopTime,
  OPEN_STAGES,
  type Reading,
  type Snapshot,
} from '@coachloop/contracts';
import { type Bag, partsOf } from './bag.ts';
import { competenciesOf, criteriaOf, queuesOf } from './breakdown.ts';
import { type Histogram, histogramsOf, loopTimeOf } from './histogram.ts';
import type { MetricsPolicy } from './policy.ts';
import { count, type Known, meanOf, sinceStart, UNKNOWN, windowed } from './readings.ts';
import { between, DAYS, HOURS, MINUTES, reaches, stepOf } from './ring.ts';
import { hourSeries, minuteSeries } from './series.ts';
import type { Share } from './share.ts';

const IN_PROGRESS = ['queued', 'ringing', 'talking', 'held', 'wrapup'] as const satisfies readonly CallStage[];
const SHOWN_STAGES = [...IN_PROGRESS, 'abandoned', 'done'] as const satisfies readonly CallStage[];
/** Where only one kind of event brings a call to a stage, its absence means that nobody would tell. */
const TOLD_BY: Partial<Record<CallStage, string>> = {
  queued: 'call.queued',
  ringing: 'call.ringing',
  held: 'call.held',
  wrapup: 'call.answered',
  abandoned: 'call.abandoned',
};
const SHOWN = { criteria: 20, competencies: 100, queues: 50, hours: 48 } as const;

/** Of the last 14 days, and of all. */
export type FirstContact = Reading & { readonly all: Reading };

export interface SnapshotOptions {
  readonly now: number;
  readonly generation: number;
  readonly policy: MetricsPolicy;
  /** Comes from documents of its own. */
  readonly firstContactResolution: FirstContact;
  readonly health: HealthFigures | null;
}

export function knownOf({ flow, sums }: Share): Known {
  const ever = (...types: string[]) => types.some((type) => count(flow, `seen|${type}`) > 0);
  return {
    records: ever('call.completed'),
    waits: count(sums, 'offered') > 0 || ever('call.queued', 'call.ringing'),
    evaluations: ever('qa.evaluation.completed'),
    training: Object.keys(flow).some((name) => name.startsWith('seen|training.')),
  };
}

export function snapshotOf(share: Share, o: SnapshotOptions): Snapshot {
  const known = knownOf(share);
  const { serviceLevelSeconds } = o.policy;
  const week = between(share.days, stepOf(DAYS, o.now) - 6, stepOf(DAYS, o.now));
  const weekHas = Object.keys(week).some((name) => name.startsWith('question|'));
  const named = weekHas ? week : share.named;
  const histograms = histogramsOf(share.flow);
  const timed = { now: o.now, known, serviceLevelSeconds };
  return {
    at: iso(o.now),
    latestEventAt: share.latestMs === null ? null : iso(share.latestMs),
    generation: o.generation,
    serviceLevelSeconds,
    targets: o.policy.targets,
    figures: figuresOf(share, known, o),
    callStages: SHOWN_STAGES.map((stage) => ({ stage, count: callsIn(share.flow, stage) })),
    agentStates: agentStatesOf(share.flow),
    caseStages: caseStagesOf(share.flow, known, histograms),
    outcomes: outcomesOf(share.flow, known),
    loop: loopTimesOf(histograms),
    scores: { day: scoresOf(dayOf(share, o.now)), all: scoresOf(share.sums) },
    criteria: {
      window: weekHas ? 'week' : 'all',
      weakest: criteriaOf(named)
        .filter(({ yes, no }) => yes + no >= o.policy.criterionAnswersMin)
        .slice(0, SHOWN.criteria),
    },
    competencies: competenciesOf(named).slice(0, SHOWN.competencies),
    queues: queuesOf(named, serviceLevelSeconds).slice(0, SHOWN.queues),
    series: {
      minutes: minuteSeries(share.minutes, MINUTES, { ...timed, length: MINUTES.length }),
      hours: hourSeries(share.hours, HOURS, { ...timed, length: SHOWN.hours }),
    },
    health: o.health,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The hour that runs and the 23 before it. */
const dayOf = ({ hours }: Share, now: number): Bag => between(hours, stepOf(HOURS, now) - 23, stepOf(HOURS, now));

function figuresOf(share: Share, known: Known, o: SnapshotOptions): Snapshot['figures'] {
  const { minutes, hours, flow } = share;
  const [minute, hour] = [stepOf(MINUTES, o.now), stepOf(HOURS, o.now)];
  const read = (bag: Bag) => windowed(bag, known, o.policy.serviceLevelSeconds);
  const day = read(dayOf(share, o.now));
  const windows = {
    hour: read(between(minutes, minute - 59, minute)),
    today: read(between(hours, stepOf(DAYS, o.now) * 24, hour)),
    // Only a whole day before can be compared with the last one.
    before: reaches(hours, hour - 47) ? read(between(hours, hour - 47, hour - 24)) : null,
    all: read(share.sums),
  };
  const others = { ...sinceStart(flow), ...nowFigures(flow, known), firstContactResolution: o.firstContactResolution };
  const figure = (id: FigureId): Figure => {
    const { unit, window } = FIGURES[id];
    const common = { unit, window, formula: id };
    if (!(id in day)) return { ...(others[id as keyof typeof others] ?? UNKNOWN), ...common };
    const key = id as keyof typeof day;
    const { hour: lastHour, today, before, all } = windows;
    return {
      ...day[key],
      ...common,
      hour: lastHour[key],
      today: today[key],
      before: before?.[key] ?? UNKNOWN,
      all: all[key],
    };
  };
  return Object.fromEntries(FIGURE_IDS.map((id) => [id, figure(id)])) as Snapshot['figures'];
}

const callEvents = (flow: Bag): boolean => Object.keys(flow).some((name) => name.startsWith('seen|call.'));

function callsIn(flow: Bag, stage: CallStage): number | null {
  const teller = TOLD_BY[stage];
  const told = teller === undefined ? callEvents(flow) : count(flow, `seen|${teller}`) > 0;
  return told ? count(flow, `call|${stage}`) : null;
}

const reading = (value: number | null): Reading => ({ value, n: Math.max(0, value ?? 0) });

/** Unknown only if every part is. */
const total = (parts: readonly (number | null)[]): number | null =>
  parts.every((part) => part === null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);

const nowFigures = (flow: Bag, known: Known) => ({
  callsInProgress: reading(callEvents(flow) ? total(IN_PROGRESS.map((stage) => callsIn(flow, stage))) : null),
  callsWaiting: reading(total([callsIn(flow, 'queued'), callsIn(flow, 'ringing')])),
  casesOpen: reading(known.training ? OPEN_STAGES.reduce((sum, stage) => sum + count(flow, `case|${stage}`), 0) : null),
});

const agentStatesOf = (flow: Bag): Snapshot['agentStates'] =>
  Object.entries(flow)
    .filter(([name]) => name.startsWith('agent|'))
    .map(([name, value]) => ({ state: partsOf(name)[1] ?? '', count: value }))
    .sort((a, b) => (a.state < b.state ? -1 : 1));

const caseStagesOf = (flow: Bag, known: Known, histograms: ReadonlyMap<string, Histogram>): Snapshot['caseStages'] =>
  CASE_STAGES.map((stage) => ({
    stage,
    count: known.training ? count(flow, `case|${stage}`) : null,
    entered: known.training ? count(flow, `entered|${stage}`) : null,
    time: loopTimeOf(histograms.get(`stage.${stage}`)),
  }));

function outcomesOf(flow: Bag, known: Known): Snapshot['outcomes'] {
  const of = (name: string) => (known.training ? count(flow, name) : null);
  return {
    improved: of('outcome|improved'),
    held: of('outcome|held'),
    escalated: of('outcome|escalated'),
    insufficientEvidence: of('outcome|insufficient-evidence'),
    withdrawn: of('outcome|withdrawn'),
    repeated: of('reEvaluation|repeated'),
  };
}

const loopTimesOf = (histograms: ReadonlyMap<string, Histogram>): Snapshot['loop'] =>
  Object.fromEntries(LOOP_TIMES.map((id) => [id, loopTimeOf(histograms.get(id))])) as Record<
    (typeof LOOP_TIMES)[number],
    LoopTime
  >;

function scoresOf(bag: Bag): Snapshot['scores']['all'] {
  const { value, n } = meanOf(bag, 'score');
  return { bins: Array.from({ length: 10 }, (_, i) => count(bag, `bin${i}`)), n, mean: value };
}

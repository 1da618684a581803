/**
 * What live-metrics shows: the body of GET /metrics/v1/snapshot and of the SSE event `snapshot`. Every figure has its formula
 * in docs/metrics.md under its name. `null` means unknown: the events for it have never come. It is never 0.
 */
import { type Static, Type } from 'typebox';
import { CallStage } from './call.ts';
import { Count, Flag, Id, Label, maybe, Nullable, Shape, Time } from './schema.ts';
import { CaseStage } from './training.ts';

export const Unit = Type.Enum(['calls', 'cases', 'evaluations', 'trainings', 'percent', 'seconds', 'points']);
export type Unit = Static<typeof Unit>;

/** `now`: as it is; `day`: the last 24 hours, by event time; `fortnight`: the last 14 days; `all`: since the first event. */
export const FigureWindow = Type.Enum(['now', 'day', 'fortnight', 'all']);
export type FigureWindow = Static<typeof FigureWindow>;

interface FigureSpec {
  readonly unit: Unit;
  /** What `value` covers. */
  readonly window: FigureWindow;
  /** Which direction is good; null: neither. */
  readonly better: 'higher' | 'lower' | null;
}

/** Every figure there is. docs/metrics.md has one row for each. */
export const FIGURES = {
  callsInProgress: { unit: 'calls', window: 'now', better: null },
  callsWaiting: { unit: 'calls', window: 'now', better: 'lower' },
  callsDone: { unit: 'calls', window: 'day', better: null },
  callsAbandoned: { unit: 'calls', window: 'day', better: 'lower' },
  serviceLevel: { unit: 'percent', window: 'day', better: 'higher' },
  abandonedRate: { unit: 'percent', window: 'day', better: 'lower' },
  waitTime: { unit: 'seconds', window: 'day', better: 'lower' },
  handleTime: { unit: 'seconds', window: 'day', better: null },
  talkTime: { unit: 'seconds', window: 'day', better: null },
  holdTime: { unit: 'seconds', window: 'day', better: 'lower' },
  wrapupTime: { unit: 'seconds', window: 'day', better: 'lower' },
  satisfaction: { unit: 'percent', window: 'day', better: 'higher' },
  statedResolution: { unit: 'percent', window: 'day', better: 'higher' },
  firstContactResolution: { unit: 'percent', window: 'fortnight', better: 'higher' },
  evaluations: { unit: 'evaluations', window: 'day', better: null },
  meanScore: { unit: 'points', window: 'day', better: 'higher' },
  criticalScore: { unit: 'points', window: 'day', better: 'higher' },
  passRate: { unit: 'percent', window: 'day', better: 'higher' },
  autoFailRate: { unit: 'percent', window: 'day', better: 'lower' },
  casesOpen: { unit: 'cases', window: 'now', better: null },
  casesOpened: { unit: 'cases', window: 'day', better: null },
  casesClosed: { unit: 'cases', window: 'day', better: null },
  improvedRate: { unit: 'percent', window: 'all', better: 'higher' },
  trainingCompletion: { unit: 'percent', window: 'all', better: 'higher' },
  trainingMastery: { unit: 'percent', window: 'all', better: 'higher' },
  meanImprovement: { unit: 'points', window: 'all', better: 'higher' },
} as const satisfies Readonly<Record<string, FigureSpec>>;
export type FigureId = keyof typeof FIGURES;
export const FIGURE_IDS = Object.keys(FIGURES) as readonly FigureId[];

const Value = Nullable(Type.Number({ description: 'Null: unknown' }));
/** Net counts may pass through other values while a revision is on its way; at rest they are exact. */
const Net = Nullable(Type.Integer({ description: 'Null: unknown' }));

export const Reading = Shape({ value: Value, n: Count('How many it is made of') });
export type Reading = Static<typeof Reading>;

export const Figure = Shape({
  value: Value,
  n: Count('How many it is made of'),
  unit: Unit,
  window: FigureWindow,
  formula: Label('Heading in docs/metrics.md'),
  hour: maybe(Reading),
  today: maybe(Reading),
  before: maybe(Reading),
  all: maybe(Reading),
});
export type Figure = Static<typeof Figure>;

/** Percentiles in seconds, estimated from a histogram: off by 10 % at most. */
export const LoopTime = Shape({ n: Count('How many'), p50: Value, p90: Value, p99: Value, mean: Value });
export type LoopTime = Static<typeof LoopTime>;

export const LOOP_TIMES = [
  'callToScore',
  'scoreToAssignment',
  'callToAssignment',
  'assignmentToCompletion',
  'callToOutcome',
] as const;
export type LoopTimeId = (typeof LOOP_TIMES)[number];

export const Criterion = Shape({
  questionId: Id('Question'),
  competency: Id('What it is about'),
  critical: Flag('Counts to the critical score'),
  yes: Count('Norm met'),
  no: Count('Norm not met'),
  na: Count('Source cannot tell'),
  failPercent: Value,
});
export type Criterion = Static<typeof Criterion>;

const Scores = Shape({
  bins: Type.Array(Count('Evaluations'), {
    minItems: 10,
    maxItems: 10,
    description: '0 to <10 … 80 to <90, 90 to 100',
  }),
  n: Count('Evaluations with a score'),
  mean: Value,
});

/** Columns of equal length, oldest first. */
const columns = (length: number) => ({
  from: Time('Begin of the first step'),
  stepSeconds: Count('Length of a step'),
  calls: Type.Array(Net, { maxItems: length, description: 'Ended and answered' }),
  abandoned: Type.Array(Net, { maxItems: length }),
  evaluations: Type.Array(Net, { maxItems: length }),
  meanScore: Type.Array(Value, { maxItems: length }),
});
export const MinuteSeries = Shape(columns(120));
export const HourSeries = Shape({
  ...columns(336),
  serviceLevel: Type.Array(Value, { maxItems: 336 }),
  handleTime: Type.Array(Value, { maxItems: 336 }),
  satisfaction: Type.Array(Value, { maxItems: 336 }),
});
export type MinuteSeries = Static<typeof MinuteSeries>;
export type HourSeries = Static<typeof HourSeries>;

/** What the platform says of itself; null where a service runs alone and nobody told. */
export const HealthFigures = Shape({
  lag: Type.Array(
    Shape({
      group: Label('Consumer group'),
      topic: Label('Topic'),
      partition: Count('Partition', 255),
      records: Count('Behind'),
    }),
  ),
  deadLettersOpen: Nullable(Count('All services')),
  stalled: Type.Array(
    Shape({
      service: Label('Service'),
      ms: Count('Since'),
      reason: Nullable(Type.String({ maxLength: 2_000 })),
      away: Type.Boolean({ description: 'true: its process does not answer, so nobody knows what it does' }),
    }),
  ),
});
export type HealthFigures = Static<typeof HealthFigures>;

const figureSchemas = Object.fromEntries(FIGURE_IDS.map((id) => [id, Figure])) as Record<FigureId, typeof Figure>;
const loopTimes = Object.fromEntries(LOOP_TIMES.map((id) => [id, LoopTime])) as Record<LoopTimeId, typeof LoopTime>;

export const Snapshot = Shape({
  at: Time('Service time of this snapshot'),
  latestEventAt: Nullable(Time('Time of the newest event that is counted')),
  generation: Count('Of the projection; rises with each rebuild'),
  serviceLevelSeconds: Count('Answered within this is in time', 86_400),
  targets: Shape(
    {
      serviceLevelPercent: Type.Number({ minimum: 0, maximum: 100, description: 'Service level to reach' }),
      abandonedPercentMax: Type.Number({ minimum: 0, maximum: 100, description: 'More abandoned calls are too many' }),
    },
    'What the site wants to reach',
  ),
  figures: Shape(figureSchemas),
  callStages: Type.Array(Shape({ stage: CallStage, count: Net }), { description: 'In the order of a call' }),
  agentStates: Type.Array(Shape({ state: Label('As the platform says'), count: Net })),
  caseStages: Type.Array(
    Shape({
      stage: CaseStage,
      count: Net,
      entered: Net,
      time: LoopTime,
    }),
    { description: 'In the order of CASE_STAGES; `time` is how long cases stayed that have left it' },
  ),
  outcomes: Shape({
    improved: Net,
    held: Net,
    escalated: Net,
    insufficientEvidence: Net,
    withdrawn: Net,
    repeated: Net,
  }),
  loop: Shape(loopTimes),
  scores: Shape({ day: Scores, all: Scores }),
  criteria: Shape({
    window: Type.Enum(['week', 'all'], { description: 'The last 7 days, or everything where these are empty' }),
    weakest: Type.Array(Criterion, { maxItems: 20, description: 'Highest share of no first; 5 answers at least' }),
  }),
  competencies: Type.Array(Shape({ competency: Id('Competency'), mean: Value, n: Count('Evaluations') }), {
    maxItems: 100,
    description: 'Same window as the criteria; weakest first',
  }),
  queues: Type.Array(
    Shape({
      queue: Label('Queue; empty: none was stated'),
      calls: Net,
      abandoned: Net,
      serviceLevel: Value,
      evaluations: Net,
      meanScore: Value,
    }),
    { maxItems: 50, description: 'Same window as the criteria; most calls first' },
  ),
  series: Shape({ minutes: MinuteSeries, hours: HourSeries }),
  health: Nullable(HealthFigures),
});
export type Snapshot = Static<typeof Snapshot>;

/** One line of the feed (SSE event `events`): what happened, without what was said. */
export const FeedItem = Shape({
  id: Id('Of the event'),
  type: Label('Event type'),
  at: Time('When'),
  agentId: maybe(Id('Our id of the agent')),
  agentName: maybe(Label('How people know the agent')),
  callId: maybe(Id('Call')),
  caseId: maybe(Id('Case')),
  competency: maybe(Id('Competency')),
  stage: maybe(Label('Stage it moved to')),
  outcome: maybe(Label('How it ended')),
  score: maybe(Nullable(Type.Number())),
  passed: maybe(Nullable(Type.Boolean())),
  queue: maybe(Label('Queue')),
});
export type FeedItem = Static<typeof FeedItem>;

/** Body of the SSE event `events`; newest last. */
export const Feed = Shape({
  items: Type.Array(FeedItem, { maxItems: 500 }),
  skipped: Count('How many were left out, because more had come than are sent again'),
});
export type Feed = Static<typeof Feed>;

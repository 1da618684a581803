/**
 * Histories of a centre, and a recount that shares nothing with the projections: it looks at how each call, evaluation and case
 * ended up, and counts these.
 */
import type { CallStage, CaseStage, ReplacedCall, ReplacedEvaluation } from '@coachloop/contracts';
import fc from 'fast-check';
import { answer, completed, DAY, type Given, HOUR, moved, scored, step, T0, uuid, withdrawn } from './given.ts';

const seconds = fc.option(fc.integer({ min: 0, max: 700 }), { nil: undefined });

const recordFigures = fc.record(
  {
    abandoned: fc.boolean(),
    agoMs: fc.oneof(fc.integer({ min: 0, max: 20 * DAY }), fc.integer({ min: 0, max: 3 * HOUR })),
    wait: seconds,
    talk: seconds,
    hold: seconds,
    wrapup: seconds,
    rating: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    queue: fc.option(fc.constantFrom('sales', 'a|b', '%7C', '__proto__'), { nil: undefined }),
    customer: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  },
  { noNullPrototype: true },
);
type RecordFigures = typeof recordFigures extends fc.Arbitrary<infer T> ? T : never;

const evaluationFigures = fc.record(
  {
    agent: fc.integer({ min: 1, max: 3 }),
    score: fc.option(
      fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
      { nil: null },
    ),
    agoMs: fc.integer({ min: 0, max: 20 * DAY }),
    greeting: fc.constantFrom('yes' as const, 'no' as const, 'na' as const),
    hold: fc.constantFrom('yes' as const, 'no' as const, 'na' as const),
  },
  { noNullPrototype: true },
);
type EvaluationFigures = typeof evaluationFigures extends fc.Arbitrary<infer T> ? T : never;

const callStages = ['queued', 'ringing', 'talking', 'held', 'wrapup'] as const satisfies readonly CallStage[];
const caseStages = ['opened', 'assigned', 'in-training', 'closed', 'escalated'] as const satisfies readonly CaseStage[];

export const history = fc.record(
  {
    calls: fc.array(
      fc.record(
        {
          stages: fc.array(fc.constantFrom(...callStages), { maxLength: 4 }),
          records: fc.array(recordFigures, { maxLength: 3 }),
          /** Null: from then on there is nothing to score. */
          evaluations: fc.array(fc.option(evaluationFigures, { freq: 4 }), { maxLength: 4 }),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 12 },
    ),
    cases: fc.array(fc.array(fc.constantFrom(...caseStages), { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
  },
  { noNullPrototype: true },
);
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

const of = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [P in K]: V });

const figuresOf = (f: RecordFigures) => ({
  endedAt: new Date(T0 - f.agoMs).toISOString(),
  abandoned: f.abandoned,
  ...of('waitSeconds', f.wait),
  ...of('talkSeconds', f.talk),
  ...of('holdSeconds', f.hold),
  ...of('wrapupSeconds', f.wrapup),
  ...of('queue', f.queue),
  ...of('customerHash', f.customer === undefined ? undefined : `customer-${f.customer}`),
  ...of('survey', f.rating === undefined ? undefined : { score: f.rating, scale: { min: 1, max: 5 } }),
});

const answersOf = (f: EvaluationFigures) => [answer('greeting', f.greeting), answer('hold', f.hold, true)];

/** Per source document, in order: what the log holds of it. */
export function eventsOf({ calls, cases }: History): readonly (readonly Given[])[] {
  const ofCalls = calls.map(({ stages, records }, n): Given[] => {
    let from: CallStage = 'none';
    const steps = stages.map((to) => {
      const given = step('call.transferred', n, from, to);
      from = to;
      return given;
    });
    const last = from;
    return [
      ...steps,
      ...records.map((figures, i) => {
        const earlier = records[i - 1];
        const replaces: ReplacedCall | undefined = earlier && {
          revision: i,
          agentId: uuid(9_001),
          ...figuresOf(earlier),
        };
        const stage = i === 0 ? { from: last, to: 'done' as const } : { from: 'done' as const, to: 'done' as const };
        return completed({ n, stage, more: { revision: i + 1, ...figuresOf(figures), ...of('replaces', replaces) } });
      }),
    ];
  });
  const ofEvaluations = calls.map(({ evaluations }, n): Given[] =>
    evaluations.flatMap((f, i) => {
      const earlier = evaluations[i - 1] ?? null;
      const replaces = earlier === null ? undefined : replacedOf(earlier, i);
      if (f === null) return earlier === null ? [] : [withdrawn(n, earlier.agent, i + 1, replaces)];
      const more = { revision: i + 1, answers: answersOf(f), ...of('replaces', replaces) };
      const result = scored({ n, score: f.score, agent: f.agent, endedAt: T0 - f.agoMs, more });
      if (earlier === null) return [{ ...result, type: 'qa.evaluation.completed' }];
      return earlier.agent === f.agent ? [result] : [withdrawn(n, earlier.agent, i + 1), result];
    }),
  );
  const ofCases = cases.map((stages, n): Given[] =>
    stages.map((to, i) => moved(n, stages[i - 1] ?? null, to, T0 + i * HOUR, i === 0 ? undefined : T0)),
  );
  return [...ofCalls, ...ofEvaluations, ...ofCases];
}

const replacedOf = (f: EvaluationFigures, revision: number): ReplacedEvaluation => {
  const { callEndedAt, score, criticalScore, passed, autoFailedBy, competencies, agentId } = scored({
    n: 0,
    score: f.score,
    agent: f.agent,
    endedAt: T0 - f.agoMs,
  }).data as ReplacedEvaluation;
  const answers = answersOf(f).map(({ questionId, competency, value, critical }) => ({
    questionId,
    competency,
    value,
    critical,
  }));
  return { revision, agentId, callEndedAt, score, criticalScore, passed, autoFailedBy, competencies, answers };
};

const last = <T>(list: readonly T[]): T[] => list.slice(-1);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/** The recount. */
export function recountOf({ calls, cases }: History) {
  const records = calls.flatMap(({ records: all }) => last(all));
  const evaluations = calls.flatMap(({ evaluations: all }) => last(all).flatMap((f) => f ?? []));
  const done = records.filter(({ abandoned }) => !abandoned);
  const offered = records.filter(({ abandoned, wait }) => abandoned || wait !== undefined);
  const inTime = done.filter(({ wait }) => wait !== undefined && wait <= 20);
  const scores = evaluations.flatMap(({ score }) => score ?? []);
  const ratings = records.flatMap(({ rating }) => (rating === undefined ? [] : 25 * (rating - 1)));
  const stageNow = (stages: readonly string[], ended: boolean) => (ended ? 'done' : (stages.at(-1) ?? 'none'));
  const inStage = (stage: string) =>
    calls.filter(({ stages, records: all }) => stageNow(stages, all.length > 0) === stage).length;
  const answers = (value: string) => evaluations.filter(({ greeting }) => greeting === value).length;
  return {
    callsDone: done.length,
    callsDoneToday: done.filter(({ agoMs }) => T0 - agoMs >= Math.floor(T0 / DAY) * DAY).length,
    abandoned: records.length - done.length,
    serviceLevel: offered.length === 0 ? null : (100 * inTime.length) / offered.length,
    satisfaction: mean(ratings),
    evaluations: evaluations.length,
    meanScore: mean(scores),
    bins: Array.from({ length: 10 }, (_, i) => scores.filter((s) => Math.min(9, Math.floor(s / 10)) === i).length),
    greeting: { yes: answers('yes'), no: answers('no'), na: answers('na') },
    queues: Object.fromEntries(
      [...Map.groupBy(done, ({ queue = '' }) => queue)].map(([queue, list]) => [`q:${queue}`, list.length]),
    ),
    callStages: Object.fromEntries([...callStages, 'done'].map((stage) => [stage, inStage(stage)])),
    caseStages: Object.fromEntries(
      caseStages.map((stage) => [stage, cases.filter((stages) => stages.at(-1) === stage).length]),
    ),
    agents: [1, 2, 3].map((agent) => {
      const own = evaluations.filter((e) => e.agent === agent);
      return { evaluations: own.length, meanScore: mean(own.flatMap(({ score }) => score ?? [])) };
    }),
    customers: [0, 1, 2, 3].map((customer) => {
      const ends = done.filter((r) => r.customer === customer).map(({ agoMs }) => T0 - agoMs);
      const [newest, before] = ends.sort((a, b) => b - a);
      if (newest === undefined) return null;
      return before === undefined || newest - before > 7 * DAY ? 'yes' : 'no';
    }),
  };
}

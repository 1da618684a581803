/** Reviews, windows and effects, for reading. Times are ISO 8601 in UTC, scores and differences in points (0 to 100). */
import {
  Count,
  EvaluationEvents,
  Flag,
  Id,
  Interval,
  Label,
  maybe,
  Nullable,
  Problem,
  ReEvaluationResult,
  Sample,
  Score,
  Shape,
  Time,
  Uuid,
} from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, notFound } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { type EffectShare, mergeEffects } from '../domain/effects.ts';
import { type Policy, PolicySchema } from '../domain/policy.ts';
import type { AgentReview } from '../domain/review.ts';
import { isoOf } from '../domain/time.ts';
import type { WindowRecord } from '../domain/windows.ts';

const { caseId, assignmentId, attempt, competency, form, outcome, difference, interval80, decidedAt } =
  ReEvaluationResult.properties;

const ReviewView = Shape({
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  calls: Type.Array(
    Shape({
      callId: Uuid('Call'),
      evaluationId: Uuid('Evaluation'),
      startedAt: Time('Begin of the call'),
      endedAt: Time('End of the call'),
      form,
      scores: Type.Array(Shape({ competency: Id('Competency'), score: Score('Of the competency') })),
    }),
    { description: 'Newest first; what later trainings will be compared with' },
  ),
  open: Type.Array(
    Shape({
      caseId,
      assignmentId,
      attempt,
      competency,
      form,
      after: Time('Calls begun after this count'),
      deadlineAt: Time('Then too few calls is the answer'),
      calls: Count('How many are looked at'),
      seen: Count('How many have come'),
      before: Sample,
    }),
  ),
  decided: Type.Array(
    Shape({
      caseId,
      assignmentId,
      attempt,
      competency,
      outcome,
      difference,
      interval80,
      decidedAt,
      revisedLater: Type.Array(Shape({ evaluationId: Uuid('Evaluation'), revision: Type.Integer() })),
    }),
    { description: 'Newest first' },
  ),
});

const WindowView = Shape({
  assignmentId,
  caseId,
  attempt,
  agentId: Id('Our id of the agent'),
  competency,
  decided: Flag('There is a result'),
  opened: Nullable(EvaluationEvents['evaluation.window.opened']),
  result: Nullable(ReEvaluationResult),
});

const EffectView = Shape({
  competency,
  outcomes: Shape({
    closed: Count('Shown to have helped'),
    held: Count('Good before and after; no improvement was measured'),
    repeated: Count('Not shown; the next course followed'),
    escalated: Count('Not shown; no course left'),
    'insufficient-evidence': Count('Too few calls'),
  }),
  differences: Count('Results that have a difference'),
  meanDifference: Nullable(Type.Number({ description: 'Mean of after minus before' })),
  interval80: Nullable(Interval),
});

function reviewView(review: AgentReview): Static<typeof ReviewView> {
  const { agentId, agentKey, agentName } = review;
  return {
    agentId,
    ...(agentKey === undefined ? {} : { agentKey }),
    ...(agentName === undefined ? {} : { agentName }),
    calls: review.calls.toReversed().map((c) => ({
      callId: c.callId,
      evaluationId: c.evaluationId,
      startedAt: isoOf(c.startedAt),
      endedAt: isoOf(c.endedAt),
      form: c.form,
      scores: c.scores.map(({ competency, score }) => ({ competency, score })),
    })),
    open: review.open.map((w) => ({
      caseId: w.caseId,
      assignmentId: w.assignmentId,
      attempt: w.attempt,
      competency: w.competency,
      form: w.form,
      after: isoOf(w.completedAt),
      deadlineAt: isoOf(w.deadlineAt),
      calls: w.calls,
      seen: w.after.length,
      before: w.before,
    })),
    decided: review.decided.toReversed().map(({ evaluations: _evaluations, ...d }) => ({
      ...d,
      revisedLater: [...d.revisedLater],
    })),
  };
}

const windowView = (w: WindowRecord): Static<typeof WindowView> => ({
  assignmentId: w.assignmentId,
  caseId: w.caseId ?? '',
  attempt: w.attempt ?? 1,
  agentId: w.agentId ?? '',
  competency: w.competency ?? '',
  decided: w.result !== null,
  opened: w.opened,
  result: w.result,
});

/** Competencies times partitions is far below; a bound all the same. */
const shares_max = 10_000;

async function loadShares(service: ServiceContext): Promise<readonly EffectShare[]> {
  const shares: EffectShare[] = [];
  let cursor: string | undefined;
  do {
    const page = await service.query<EffectShare>('effects', {
      index: 'by-competency',
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    shares.push(...page.items.map((i) => i.state));
    cursor = page.next;
  } while (cursor !== undefined && shares.length < shares_max);
  return shares;
}

export function evaluationRoutes(app: App, service: ServiceContext, policy: Policy): void {
  app.get(
    '/evaluation/v1/reviews/:agentId',
    {
      schema: {
        summary: 'An agent: recent scores, trainings under re-evaluation, and what earlier ones changed',
        tags: ['reviews'],
        params: Type.Object({ agentId: Id('Our id of the agent') }),
        response: { 200: ReviewView, '4xx': Problem },
      },
    },
    async (request) => {
      const { agentId } = request.params;
      const [found] = await service.load<AgentReview>('agent-reviews', [agentId]);
      if (!found) throw notFound('review', agentId);
      return reviewView(found.state);
    },
  );

  app.get(
    '/evaluation/v1/windows',
    {
      schema: {
        summary: 'The re-evaluations of a case, one per attempt, first to last',
        tags: ['reviews'],
        querystring: Type.Object({ caseId: Uuid('The case') }),
        response: { 200: Type.Object({ items: Type.Array(WindowView) }), '4xx': Problem },
      },
    },
    async (request) => {
      const found = await service.query<WindowRecord>('windows', { index: 'by-case', equals: [request.query.caseId] });
      return { items: found.items.map((i) => windowView(i.state)) };
    },
  );

  app.get(
    '/evaluation/v1/effects',
    {
      schema: {
        summary: 'Per competency: outcomes, and the mean difference with its 80 % interval',
        description:
          'Not corrected for regression to the mean: agents come to training after low calls, so some of the difference would come without it.',
        tags: ['effects'],
        response: { 200: Type.Object({ items: Type.Array(EffectView) }), '4xx': Problem },
      },
    },
    async () => ({ items: [...mergeEffects(await loadShares(service))] }),
  );

  app.get(
    '/evaluation/v1/policy',
    { schema: { summary: 'The policy in force', tags: ['reference'], response: { 200: PolicySchema } } },
    () => policy,
  );
}

/** Per agent: who needs help first. */
import { Id, maybe, Problem } from '@coachloop/contracts';
import { type App, notFound } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { type AgentFigures, recentOf } from '../domain/agent.ts';
import type { Bag } from '../domain/bag.ts';
import { competenciesOf, criteriaOf } from '../domain/breakdown.ts';
import type { MetricsPolicy } from '../domain/policy.ts';
import { count, meanOf, percent } from '../domain/readings.ts';
import { total } from '../domain/ring.ts';
import { collectionsOf } from '../generation.ts';
import type { MetricsSource } from '../source.ts';
import { AgentPage, type AgentRow, AgentView } from './schemas.ts';

const SORTS = {
  'lowest-score': { index: 'by-score', order: 'asc' },
  'highest-score': { index: 'by-score', order: 'desc' },
  'open-cases': { index: 'by-open-cases', order: 'desc' },
} as const;

const passRate = (bag: Bag) => percent(count(bag, 'passed'), count(bag, 'passed') + count(bag, 'failed')).value;

function rowOf(state: AgentFigures, { criterionAnswersMin }: MetricsPolicy): Static<typeof AgentRow> {
  const { agentId, agentKey, agentName, latestMs, sums, openCases } = state;
  const recent = recentOf(state);
  return {
    agentId,
    ...(agentKey === undefined ? {} : { agentKey }),
    ...(agentName === undefined ? {} : { agentName }),
    latestCallAt: latestMs === null ? null : new Date(latestMs).toISOString(),
    evaluations: Math.max(0, recent.evaluations), // what is taken back may come before what it was
    meanScore: recent.meanScore.value,
    passRate: passRate(total(state.days)),
    all: { evaluations: count(sums, 'evaluations'), meanScore: meanOf(sums, 'score').value, passRate: passRate(sums) },
    openCases,
    weakest: criteriaOf(state.named)
      .filter(({ yes, no }) => no > 0 && yes + no >= criterionAnswersMin)
      .slice(0, 3),
  };
}

export function agentRoutes(app: App, source: MetricsSource): void {
  const { shown, policy } = source.options;
  app.get(
    '/metrics/v1/agents',
    {
      schema: {
        summary: 'Agents: mean score, open cases, weakest criteria',
        description:
          'By score, agents without a score are left out; by open cases, all are listed. `next` is the cursor of the next page.',
        tags: ['metrics'],
        querystring: Type.Object({
          sort: maybe(Type.Enum(['lowest-score', 'highest-score', 'open-cases'], { description: 'lowest-score' })),
          limit: maybe(Type.Integer({ minimum: 1, maximum: 200, description: '50' })),
          cursor: maybe(Type.String({ maxLength: 2_000 })),
        }),
        response: { 200: AgentPage, '4xx': Problem, '5xx': Problem },
      },
    },
    async ({ query }) => {
      const { sort = 'lowest-score', limit = 50, cursor } = query;
      const { generation, service } = shown();
      const page = await service.query<AgentFigures>(collectionsOf(generation).agents, {
        ...SORTS[sort],
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const items = page.items.map(({ state }) => rowOf(state, policy));
      return page.next === undefined ? { items } : { items, next: page.next };
    },
  );

  app.get(
    '/metrics/v1/agents/:agentId',
    {
      schema: {
        summary: 'One agent: every criterion and competency',
        tags: ['metrics'],
        params: Type.Object({ agentId: Id('Our id of the agent') }),
        response: { 200: AgentView, '4xx': Problem, '5xx': Problem },
      },
    },
    async ({ params: { agentId } }) => {
      const { generation, service } = shown();
      const [found] = await service.load<AgentFigures>(collectionsOf(generation).agents, [agentId]);
      if (!found) throw notFound('agent', agentId);
      const { named } = found.state;
      const competencies = competenciesOf(named);
      return { ...rowOf(found.state, policy), criteria: [...criteriaOf(named)], competencies: [...competencies] };
    },
  );
}

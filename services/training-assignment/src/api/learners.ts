/** Agents as learners, why triggers fired or not, and the data that decides: policy and catalogue. */
import { Id, Problem } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, notFound } from '@coachloop/service-kit';
import { Type } from 'typebox';
import type { Learner } from '../domain/learner.ts';
import { CatalogueSchema, PolicySchema } from '../domain/policy.ts';
import type { Rules } from '../domain/triggers.ts';
import { LearnerView, learnerView, TriggersView, triggersView } from './schemas.ts';

async function loadLearner(service: ServiceContext, agentId: string): Promise<Learner> {
  const [found] = await service.load<Learner>('learners', [agentId]);
  if (!found) throw notFound('learner', agentId);
  return found.state;
}

export function learnerRoutes(app: App, service: ServiceContext, { policy, catalogue }: Rules): void {
  app.get(
    '/training/v1/learners/:agentId',
    {
      schema: {
        summary: 'What is known of an agent: recent results per competency, open cases, the last decisions',
        tags: ['learners'],
        params: Type.Object({ agentId: Id('Our id of the agent') }),
        response: { 200: LearnerView, '4xx': Problem },
      },
    },
    async (request) => learnerView(await loadLearner(service, request.params.agentId), policy.windowCalls),
  );

  app.get(
    '/training/v1/triggers',
    {
      schema: {
        summary: 'Why each trigger fired or did not, for the latest evaluations of an agent',
        description: 'Holds the last 100 decisions; all of them are `training.trigger.evaluated` in the event log.',
        tags: ['learners'],
        querystring: Type.Object({ agentId: Id('Our id of the agent') }),
        response: { 200: TriggersView, '4xx': Problem },
      },
    },
    async (request) => triggersView(await loadLearner(service, request.query.agentId)),
  );

  app.get(
    '/training/v1/policy',
    { schema: { summary: 'The policy in force', tags: ['reference'], response: { 200: PolicySchema } } },
    () => policy,
  );

  app.get(
    '/training/v1/catalogue',
    { schema: { summary: 'Courses per competency', tags: ['reference'], response: { 200: CatalogueSchema } } },
    () => catalogue,
  );
}

/** Cases and assignments, for reading. */
import { CaseStage, Id, Problem, Uuid } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, notFound } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import type { Case, CaseState } from '../domain/case.ts';
import { caseIdOfAssignment } from '../domain/cases.ts';
import {
  AssignmentView,
  assignmentView,
  type CaseSummary,
  CaseSummary as CaseSummarySchema,
  CaseView,
  caseSummary,
  caseView,
  Page,
} from './schemas.ts';

const Filter = Type.Object({
  stage: Type.Optional(CaseStage),
  agentId: Type.Optional(Id('Cases of this agent')),
  competency: Type.Optional(Id('Cases about this competency')),
  open: Type.Optional(Type.Boolean({ description: 'true: only open ones; false: only ended ones' })),
  order: Type.Optional(Type.Enum(['opened', 'moved'], { description: 'Newest first by this; default: opened' })),
  ...Page,
});
type Filter = Static<typeof Filter>;

/** One index serves a query; the other filters are applied to what it finds. */
function chooseIndex(q: Filter): { index: string; equals: (string | boolean)[] } {
  if (q.order === 'moved') return { index: 'by-moved-at', equals: [] };
  if (q.agentId !== undefined) return { index: 'by-agent', equals: [q.agentId] };
  if (q.stage !== undefined) return { index: 'by-stage', equals: [q.stage] };
  if (q.competency !== undefined) return { index: 'by-competency', equals: [q.competency] };
  if (q.open !== undefined) return { index: 'by-open', equals: [q.open] };
  return { index: 'by-opened-at', equals: [] };
}

const fits = (c: Case, q: Filter) =>
  (q.agentId === undefined || c.agentId === q.agentId) &&
  (q.stage === undefined || c.stage === q.stage) &&
  (q.competency === undefined || c.competency === q.competency) &&
  (q.open === undefined || c.open === q.open);

/** Pages read for one answer. A rare combination gives short pages with a `next`, instead of a long wait. */
const pages_max = 10;

async function list(service: ServiceContext, q: Filter): Promise<{ items: CaseSummary[]; next?: string }> {
  const limit = q.limit ?? 50;
  const items: CaseSummary[] = [];
  let cursor = q.cursor;
  for (let page = 0; page < pages_max; page++) {
    const found = await service.query<Case>('cases', {
      ...chooseIndex(q),
      order: 'desc',
      limit: limit - items.length,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { state } of found.items) if (fits(state, q)) items.push(caseSummary(state));
    cursor = found.next;
    if (cursor === undefined || items.length >= limit) break;
  }
  if (q.order === 'moved' && cursor === undefined) items.push(...(await unmoved(service, q, limit - items.length)));
  return { items, ...(cursor === undefined ? {} : { next: cursor }) };
}

/** Cases that moved last under an older release are in no index of moves: the newest of them come after the others. */
async function unmoved(service: ServiceContext, q: Filter, limit: number): Promise<CaseSummary[]> {
  if (limit <= 0) return [];
  const found = await service.query<Case>('cases', { index: 'by-opened-at', order: 'desc', limit });
  const cases = found.items.map(({ state }) => state).filter((c) => c.movedAt === undefined && fits(c, q));
  return cases.map(caseSummary).sort((a, b) => Date.parse(b.movedAt) - Date.parse(a.movedAt));
}

/** Undefined: there is no such case (a document that only refused stray reports is none). */
export const loadCase = async (service: ServiceContext, caseId: string): Promise<Case | undefined> =>
  (await findCase(service, caseId))?.state;

async function findCase(service: ServiceContext, caseId: string) {
  const [found] = await service.load<CaseState>('cases', [caseId]);
  return found === undefined || found.state.stage === null ? undefined : { ...found, state: found.state };
}

export function caseRoutes(app: App, service: ServiceContext): void {
  app.get(
    '/training/v1/cases',
    {
      schema: {
        summary: 'Remediation cases, newest first',
        description:
          'A page may hold fewer than `limit` although there is a `next`: filters combine, one index is used.',
        tags: ['cases'],
        querystring: Filter,
        response: {
          200: Type.Object({ items: Type.Array(CaseSummarySchema), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    (request) => list(service, request.query),
  );

  app.get(
    '/training/v1/cases/:id',
    {
      schema: {
        summary: 'One case with its whole chain: calls, evidence, rule, courses, later calls, outcome',
        tags: ['cases'],
        params: Type.Object({ id: Uuid('Case id') }),
        response: { 200: CaseView, '4xx': Problem },
      },
    },
    async (request) => {
      const found = await findCase(service, request.params.id);
      if (!found) throw notFound('case', request.params.id);
      return caseView(found.state, found.traceId);
    },
  );

  app.get(
    '/training/v1/assignments/:id',
    {
      schema: {
        summary: 'One assignment, with the case it belongs to',
        tags: ['assignments'],
        params: Type.Object({ id: Id('Assignment id') }),
        response: {
          200: Type.Object({ case: CaseSummarySchema, assignment: AssignmentView }),
          '4xx': Problem,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const caseId = caseIdOfAssignment(id);
      const found = caseId === undefined ? undefined : await loadCase(service, caseId);
      const assignment = found?.assignments.find((a) => a.assignmentId === id);
      if (!found || !assignment) throw notFound('assignment', id);
      return { case: caseSummary(found), assignment: assignmentView(assignment) };
    },
  );
}

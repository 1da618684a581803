/** Reading evaluations and scorecards. Nothing is written here: evaluations come from calls. */
import { type EvaluationResult, Uuid } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import type { CompiledForm } from '@coachloop/scorecard';
import { type App, HttpProblem, notFound } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { type EvaluationState, evaluationIdOf } from '../domain/evaluation.ts';
import { QA_SCORING_ERRORS } from '../errors.ts';
import {
  EvaluationDetail,
  EvaluationPage,
  EvaluationQuery,
  Scorecard,
  ScorecardList,
  ScorecardParams,
} from './schemas.ts';

const tags = ['qa-scoring'];

export const routes =
  (forms: readonly CompiledForm[]) =>
  (app: App, service: ServiceContext): void => {
    app.get(
      '/qa/v1/evaluations',
      {
        schema: {
          tags,
          summary: 'Evaluations, newest call first',
          description: 'Filters combine. `callId` names at most one. Superseded revisions are not listed.',
          querystring: EvaluationQuery,
          response: { 200: EvaluationPage },
        },
      },
      async (request) => listEvaluations(service, request.query),
    );
    app.get(
      '/qa/v1/evaluations/:id',
      {
        schema: {
          tags,
          summary: 'One evaluation with its evidence and earlier results',
          params: Type.Object({ id: Uuid('Id of the evaluation') }),
          response: { 200: EvaluationDetail },
        },
      },
      async (request) => {
        const [found] = await service.load<EvaluationState>('evaluations', [request.params.id]);
        if (!found?.state.result) throw notFound('evaluation', request.params.id);
        return { evaluation: found.state.result, superseded: [...found.state.superseded] };
      },
    );
    app.get(
      '/qa/v1/scorecards',
      { schema: { tags, summary: 'All forms and versions', response: { 200: ScorecardList } } },
      async () => ({ items: forms.map(summaryOf) }),
    );
    app.get(
      '/qa/v1/scorecards/:id/:version',
      {
        schema: {
          tags,
          summary: 'One version of a form: its sections, questions, rules and phrases',
          params: ScorecardParams,
          response: { 200: Scorecard },
        },
      },
      async (request) => {
        const { id, version } = request.params;
        const found = forms.find(({ form }) => form.id === id && form.version === version);
        if (!found) throw notFound('scorecard', `${id}/${version}`);
        const { sections, sets } = found.form;
        return { ...summaryOf(found), sections, ...(sets ? { sets } : {}) };
      },
    );
  };

async function listEvaluations(
  service: ServiceContext,
  query: Static<typeof EvaluationQuery>,
): Promise<{ items: EvaluationResult[]; next?: string }> {
  const range = rangeOf(query);
  if (query.callId !== undefined) {
    const [found] = await service.load<EvaluationState>('evaluations', [evaluationIdOf(query.callId)]);
    const state = found?.state;
    return { items: state?.result && fits(state, query, range) ? [state.result] : [] };
  }
  const { agentId, passed } = query;
  const index =
    agentId !== undefined
      ? passed !== undefined
        ? { index: 'by-agent-passed', equals: [agentId, passed] }
        : { index: 'by-agent', equals: [agentId] }
      : passed !== undefined
        ? { index: 'by-passed', equals: [passed] }
        : { index: 'by-end', equals: [] };
  const page = await service.query<EvaluationState>('evaluations', {
    ...index,
    ...(range.from === undefined && range.to === undefined ? {} : { range }),
    order: query.order ?? 'desc',
    limit: query.limit ?? 50,
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  });
  const items = page.items.flatMap(({ state }) => state.result ?? []);
  return { items, ...(page.next === undefined ? {} : { next: page.next }) };
}

interface Range {
  readonly from?: number;
  readonly to?: number;
}

function rangeOf(query: { from?: string; to?: string }): Range {
  const range = {
    ...(query.from === undefined ? {} : { from: Date.parse(query.from) }),
    ...(query.to === undefined ? {} : { to: Date.parse(query.to) }),
  };
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
  if (from < to) return range;
  const { status, title } = QA_SCORING_ERRORS.EVALUATION_QUERY_INVALID;
  throw new HttpProblem(status, 'EVALUATION_QUERY_INVALID', title, '`from` must be a time before `to`.', {
    pointer: '/from',
  });
}

const fits = (state: EvaluationState, query: Static<typeof EvaluationQuery>, range: Range): boolean =>
  (query.agentId === undefined || query.agentId === state.agentId) &&
  (query.passed === undefined || query.passed === state.passed) &&
  (state.endedAtMs ?? 0) >= (range.from ?? Number.NEGATIVE_INFINITY) &&
  (state.endedAtMs ?? 0) < (range.to ?? Number.POSITIVE_INFINITY);

const summaryOf = ({ form, questions, competencies }: CompiledForm) => ({
  id: form.id,
  version: form.version,
  title: form.title,
  languages: form.languages,
  channels: form.channels,
  passMark: form.passMark,
  questions: questions.length,
  competencies: [...competencies],
});

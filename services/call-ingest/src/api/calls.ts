/** GET /ingest/v1/calls: what is known of calls, finished or not. */
import { CallRecord, CallStage, callIdOf, Problem } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, notFound } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { CALLS } from '../domain/aggregates.ts';
import type { CallState } from '../domain/call.ts';
import { isOver, recordOf } from '../domain/record.ts';
import { problem } from './receive.ts';

const { transcript, revision: _, endedAt, ...inRecord } = CallRecord.properties;

const CallSummary = Type.Object({
  ...inRecord,
  stage: CallStage,
  revision: Type.Integer({ minimum: 0, description: 'Of the published record; 0: not completed yet' }),
  endedAt: Type.Optional(endedAt),
  segments: Type.Integer({ minimum: 0, description: 'How many the transcript has' }),
});
const CallDetail = Type.Object({ ...CallSummary.properties, transcript });
type CallDetail = Static<typeof CallDetail>;

const Query = Type.Object({
  agentId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Our id of the agent, or unassigned' }),
  ),
  stage: Type.Optional(CallStage),
  from: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'Started at or after' })),
  to: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'Started before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4_000, description: '`next` of the page before' })),
  source: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'With `sourceCallId`: the one call that this platform calls so. `source` of its events',
    }),
  ),
  sourceCallId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "With `source`: the platform's own id of the call" }),
  ),
});

const Path = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: 'Our id of the call' }) });

export function callRoutes(app: App, service: ServiceContext): void {
  app.get(
    '/ingest/v1/calls',
    {
      schema: {
        tags: ['ingest'],
        summary: 'Calls, the latest first',
        description:
          "Filtered by agent, stage and start; or the one call with a platform's own id. Without their transcripts.",
        querystring: Query,
        response: {
          200: Type.Object({ items: Type.Array(CallSummary), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    async ({ query }) => {
      const id = idOf(query);
      if (id !== null) return { items: (await known(service, id)).map(summaryOf) };
      const page = await service.query<CallState>(CALLS, queryOf(query));
      return {
        items: page.items.map(({ state }) => summaryOf(state)),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    },
  );

  app.get(
    '/ingest/v1/calls/:id',
    {
      schema: {
        tags: ['ingest'],
        summary: 'One call with its transcript',
        params: Path,
        response: { 200: CallDetail, '4xx': Problem },
      },
    },
    async ({ params }) => {
      const [found] = await known(service, params.id);
      if (!found) throw notFound('call', params.id);
      return detailOf(found);
    },
  );
}

/** Of one call, or of none. */
async function known(service: ServiceContext, id: string): Promise<readonly CallState[]> {
  const found = await service.load<CallState>(CALLS, [id]);
  return found.flatMap((each) => (!each || each.state.startedAtMs === null ? [] : [each.state]));
}

/** Null where no single call is asked for. @throws HttpProblem CALL_QUERY_INVALID */
function idOf({ source, sourceCallId, limit: _, ...others }: Static<typeof Query>): string | null {
  if (source === undefined && sourceCallId === undefined) return null;
  if (source === undefined || sourceCallId === undefined)
    throw problem('CALL_QUERY_INVALID', `There is no \`${source === undefined ? 'source' : 'sourceCallId'}\`.`);
  const [other] = Object.keys(others);
  if (other !== undefined) throw problem('CALL_QUERY_INVALID', `There is also \`${other}\`.`, { pointer: `/${other}` });
  return callIdOf(source, sourceCallId);
}

function queryOf({ agentId, stage, from, to, limit = 50, cursor }: Static<typeof Query>) {
  const index =
    agentId === undefined ? (stage === undefined ? 'started' : 'stage') : stage === undefined ? 'agent' : 'agent-stage';
  const range = {
    ...(from === undefined ? {} : { from: moment(from, 'from') }),
    ...(to === undefined ? {} : { to: moment(to, 'to') }),
  };
  return {
    index,
    equals: [agentId, stage].filter((value) => value !== undefined),
    ...(from === undefined && to === undefined ? {} : { range }),
    order: 'desc' as const,
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** The format lets moments through that are none, e.g. a leap second. */
function moment(value: string, parameter: string): number {
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw problem('EVENT_TIME_INVALID', `${parameter} is no moment.`, { pointer: `/${parameter}` });
  return ms;
}

/** The record as it would be now; a call that still runs has no end. */
export function detailOf(state: CallState): CallDetail {
  const { endedAt: ended, ...record } = recordOf(state, state.facts, state.revision);
  return {
    ...record,
    stage: state.stage,
    ...(isOver(state.facts) || state.revision > 0 ? { endedAt: ended } : {}),
    segments: record.transcript?.segments.length ?? 0,
  };
}

function summaryOf(state: CallState): Static<typeof CallSummary> {
  const { transcript: _words, ...summary } = detailOf(state);
  return summary;
}

/** What the views load. Kept while one goes back and forth, loaded again when the live stream says that it has changed. */
import type { EvaluationResult, FeedItem, Snapshot } from '@coachloop/contracts';
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, RequestFailed, withQuery } from './client.ts';
import { onLive } from './live.ts';
import type {
  AgentSummary,
  CallDetail,
  CaseSummary,
  CaseView,
  Demo,
  EvaluationDetail,
  Learner,
  PageOf,
  Review,
  Scorecard,
  Trigger,
} from './types.ts';

const REFRESH_MS_MIN = 2_000;
const DEMO_SYNC_MS = 30_000;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; no answer may be a restart.
      retry: (count, error) => error instanceof RequestFailed && error.status === 0 && count < 5,
      retryDelay: (count) => 500 * 2 ** count,
    },
  },
});

/**
 * Marks what an event touches as outdated, at most every two seconds, so that a busy centre does not make the page ask
 * without end. What is on the screen is loaded again; the rest when somebody looks at it.
 */
export function refreshWhenChanged(): () => void {
  const touched = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const key of touched) void client.invalidateQueries({ queryKey: key.split('/') });
    touched.clear();
  };
  return onLive((items) => {
    if (items === 'reconnected') return void client.invalidateQueries();
    for (const item of items) for (const key of keysOf(item)) touched.add(key);
    if (touched.size > 0 && timer === undefined) timer = setTimeout(flush, REFRESH_MS_MIN);
  });
}

function keysOf({ type, agentId, caseId, callId }: FeedItem): string[] {
  const aboutCase = type.startsWith('training.') || type.startsWith('evaluation.');
  const scored = type.startsWith('qa.');
  return [
    ...(aboutCase && caseId !== undefined ? [`case/${caseId}`, 'cases'] : []),
    ...(agentId !== undefined && (aboutCase || scored) ? [`agent/${agentId}`, 'agents'] : []),
    ...(callId !== undefined && (scored || type === 'call.revised' || type === 'call.completed')
      ? [`call/${callId}`]
      : []),
  ];
}

const path = encodeURIComponent;

export const useFirstSnapshot = (wanted: boolean) =>
  useQuery({
    queryKey: ['snapshot'],
    enabled: wanted,
    queryFn: ({ signal }) => getJson<Snapshot>('/metrics/v1/snapshot', signal),
  });

interface DemoClock {
  readonly speed: number;
  readonly pace: number;
  /** The demo's clock, when the browser's stood at `atMs`. */
  readonly nowMs: number;
  readonly atMs: number;
}

/** Null: this is no demo. */
export const useDemo = () =>
  useQuery<DemoClock | null>({
    queryKey: ['demo'],
    refetchInterval: ({ state }) => (state.data ? DEMO_SYNC_MS : false),
    queryFn: async ({ signal }) => {
      const { demo, speed, pace, now } = await getJson<Demo>('/demo/v1', signal);
      return demo ? { speed, pace, nowMs: Date.parse(now), atMs: Date.now() } : null;
    },
  });

export const useCase = (id: string) =>
  useQuery({
    queryKey: ['case', id],
    queryFn: ({ signal }) => getJson<CaseView>(`/training/v1/cases/${path(id)}`, signal),
  });

export interface CaseFilter {
  readonly stage?: string | undefined;
  readonly agentId?: string | undefined;
  readonly open?: boolean | undefined;
  readonly order?: 'moved' | undefined;
}

export const useCases = (filter: CaseFilter, limit = 100) =>
  useInfiniteQuery({
    queryKey: ['cases', filter, limit],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      getJson<PageOf<CaseSummary>>(withQuery('/training/v1/cases', { ...filter, limit, cursor: pageParam }), signal),
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });

export const useCall = (id: string) =>
  useQuery({
    queryKey: ['call', id, 'record'],
    queryFn: ({ signal }) => getJson<CallDetail>(`/ingest/v1/calls/${path(id)}`, signal),
  });

/** The evaluation of a call with its earlier results; null: it has none. */
export const useEvaluationOfCall = (callId: string) =>
  useQuery({
    queryKey: ['call', callId, 'evaluation'],
    queryFn: async ({ signal }) => {
      const found = await getJson<PageOf<EvaluationResult>>(withQuery('/qa/v1/evaluations', { callId }), signal);
      const [evaluation] = found.items;
      if (!evaluation) return null;
      return getJson<EvaluationDetail>(`/qa/v1/evaluations/${path(evaluation.evaluationId)}`, signal);
    },
  });

export const useEvaluationsOfAgent = (agentId: string) =>
  useQuery({
    queryKey: ['agent', agentId, 'evaluations'],
    queryFn: ({ signal }) =>
      getJson<PageOf<EvaluationResult>>(withQuery('/qa/v1/evaluations', { agentId, limit: 20 }), signal),
  });

export const useLearner = (agentId: string) =>
  useQuery({
    queryKey: ['agent', agentId, 'learner'],
    queryFn: ({ signal }) => getJson<Learner>(`/training/v1/learners/${path(agentId)}`, signal),
  });

export const useTriggers = (agentId: string) =>
  useQuery({
    queryKey: ['agent', agentId, 'triggers'],
    queryFn: async ({ signal }) =>
      (await getJson<PageOf<Trigger>>(withQuery('/training/v1/triggers', { agentId }), signal)).items,
  });

/** Null: the agent has not been re-evaluated. */
export const useReview = (agentId: string) =>
  useQuery({
    queryKey: ['agent', agentId, 'review'],
    queryFn: ({ signal }) =>
      getJson<Review>(`/evaluation/v1/reviews/${path(agentId)}`, signal).catch((error: unknown) => {
        if (error instanceof RequestFailed && error.status === 404) return null;
        throw error;
      }),
  });

export const useAgents = (order: string) =>
  useInfiniteQuery({
    queryKey: ['agents', order],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      getJson<PageOf<AgentSummary>>(
        withQuery('/metrics/v1/agents', { sort: order, limit: 200, cursor: pageParam }),
        signal,
      ),
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });

const FOR_EVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY } as const;

/** A published version never changes. */
export const useScorecard = (form: { readonly id: string; readonly version: number } | undefined) =>
  useQuery({
    ...FOR_EVER,
    queryKey: ['scorecard', form?.id, form?.version],
    enabled: form !== undefined,
    queryFn: ({ signal }) => getJson<Scorecard>(`/qa/v1/scorecards/${path(form?.id ?? '')}/${form?.version}`, signal),
  });

/** Titles of the questions of all forms, for places that know a question but not its form; the latest version wins. */
export const useQuestionTitles = () =>
  useQuery({
    ...FOR_EVER,
    queryKey: ['question-titles'],
    queryFn: async ({ signal }) => {
      const { items } = await getJson<PageOf<{ id: string; version: number }>>('/qa/v1/scorecards', signal);
      const forms = await Promise.all(
        items.map(({ id, version }) => getJson<Scorecard>(`/qa/v1/scorecards/${path(id)}/${version}`, signal)),
      );
      forms.sort((a, b) => a.version - b.version);
      return new Map(forms.flatMap((f) => f.sections.flatMap((s) => s.questions.map((q) => [q.id, q.title] as const))));
    },
  });

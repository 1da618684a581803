/** One evaluation per call: what the forms say of its newest revision. Pure. */
import {
  type CallRecord,
  type Decision,
  documentIdOf,
  type Emit,
  type EvaluationResult,
  type EvaluationWithdrawn,
  type Message,
  type ReplacedEvaluation,
} from '@coachloop/contracts';
import {
  type CompiledForm,
  fingerprintOf,
  formFor,
  SCORER,
  type ScoredCall,
  score,
  scoredPartOf,
} from '@coachloop/scorecard';

/** How many superseded results are remembered, newest first. */
export const SUPERSEDED_MAX = 10;

export interface Superseded {
  readonly revision: number;
  readonly callRevision: number;
  readonly form: { readonly id: string; readonly version: number };
  readonly score: number | null;
  readonly passed: boolean | null;
}

export interface EvaluationState {
  readonly callId: string;
  /** Of the newest record alone. none: nothing known; scored: there is a result; not-scorable: nobody answered, or no form fits. */
  readonly status: 'none' | 'scored' | 'not-scorable';
  /** Newest revision of the call that was seen. */
  readonly callRevision: number;
  readonly result: EvaluationResult | null;
  /** Of the record that the result says something of: another revision that is the same to the form is not scored again. */
  readonly scoredFrom?: string;
  readonly superseded: readonly Superseded[];
  /** The result that is void since the call is not scorable any more; absent: none ever was. What follows goes on counting from it. */
  readonly withdrawn?: { readonly revision: number; readonly form: EvaluationResult['form'] };
  /** For the indexes; null without a result. */
  readonly agentId: string | null;
  readonly endedAtMs: number | null;
  /** yes, no, or none where there is no score. */
  readonly passed: 'yes' | 'no' | 'none' | null;
}

export const evaluationIdOf = (callId: string): string => documentIdOf('evaluation', callId);

export const initialEvaluation = (): EvaluationState => ({
  callId: '',
  status: 'none',
  callRevision: 0,
  result: null,
  superseded: [],
  agentId: null,
  endedAtMs: null,
  passed: null,
});

/** Scores a record by the form that is meant for it; null: no form fits its language and channel. */
export function evaluate(
  forms: readonly CompiledForm[],
  call: ScoredCall & Pick<CallRecord, 'revision'>,
  earlier: { readonly form: EvaluationResult['form']; readonly revision: number } | null = null,
): EvaluationResult | null {
  const published = formFor(forms, call);
  if (!published) return null;
  const form = sameVersion(forms, published, earlier?.form) ?? published;
  const { language, speakers, ...scored } = score(form, call);
  return {
    evaluationId: evaluationIdOf(call.callId),
    revision: (earlier?.revision ?? 0) + 1,
    callId: call.callId,
    callRevision: call.revision,
    agentId: call.agentId,
    ...(call.agentKey === undefined ? {} : { agentKey: call.agentKey }),
    ...(call.agentName === undefined ? {} : { agentName: call.agentName }),
    ...(call.queue === undefined ? {} : { queue: call.queue }),
    channel: call.channel,
    ...(language === undefined ? {} : { language }),
    callStartedAt: call.startedAt,
    callEndedAt: call.endedAt,
    speakers,
    ...scored,
    scorer: { ...SCORER },
    autoFailedBy: [...scored.autoFailedBy],
    answers: [...scored.answers],
    competencies: [...scored.competencies],
    openCases: call.openCases,
  };
}

/**
 * A revised call stays on the version by which it was first scored, so that before and after compare like with like. Only when
 * the revision calls for another form (its language became known, say) does it get that form's published version.
 */
const sameVersion = (
  forms: readonly CompiledForm[],
  published: CompiledForm,
  earlier: EvaluationResult['form'] | undefined,
): CompiledForm | undefined =>
  earlier?.id === published.form.id
    ? forms.find(({ form }) => form.id === earlier.id && form.version === earlier.version)
    : undefined;

/** Takes `call.completed` and `call.revised`, in any order; what is older than what was seen changes nothing. */
export function onCallRecord(
  forms: readonly CompiledForm[],
  state: EvaluationState,
  message: Message,
): Decision<EvaluationState> {
  // The topic's schema was checked by the kernel.
  const call = message.data as CallRecord;
  if (call.revision <= state.callRevision) return { state, events: [], wakeAt: null };
  const seen = { ...state, callId: call.callId, callRevision: call.revision };
  const before = state.result;
  const scoredFrom = fingerprintOf(scoredPartOf(call));
  // Most revisions tell when the after-call work ended, or what the customer said later.
  if (before !== null && scoredFrom === state.scoredFrom && before.scorer.version === SCORER.version)
    return keep({ ...seen, result: { ...before, callRevision: call.revision } });
  // Nobody answered: there is nobody to evaluate.
  const result = call.abandoned ? null : evaluate(forms, call, before ?? state.withdrawn ?? null);
  if (result === null) return notScorable(seen, call);
  if (before !== null && contentOf(before) === contentOf(result))
    return keep({ ...seen, scoredFrom, result: { ...before, callRevision: call.revision } });
  const moved = before !== null && before.agentId !== result.agentId;
  const published = moved ? { ...result, previousAgentId: before.agentId } : result;
  return {
    state: {
      ...seen,
      status: 'scored',
      result: published,
      scoredFrom,
      superseded:
        before === null ? state.superseded : [summaryOf(before), ...state.superseded].slice(0, SUPERSEDED_MAX),
      agentId: result.agentId,
      endedAtMs: Date.parse(result.callEndedAt),
      passed: result.passed === null ? 'none' : result.passed ? 'yes' : 'no',
    },
    events: [
      // The revision is keyed by the new agent; the former one has a partition and an order of their own.
      ...(moved
        ? [withdrawn(before, { revision: result.revision, reason: 'call-moved', movedTo: result.agentId }, call)]
        : []),
      {
        type: before === null ? 'qa.evaluation.completed' : 'qa.evaluation.revised',
        key: result.agentId,
        data: before === null ? published : { ...published, replaces: replacedOf(before) },
        subject: result.evaluationId,
      },
    ],
    wakeAt: null,
  };
}

/** What was said of the call before is void: the same record, known at once, would have led to no result. */
function notScorable(seen: EvaluationState, call: CallRecord): Decision<EvaluationState> {
  const before = seen.result;
  if (before === null) return keep({ ...seen, status: 'not-scorable' });
  const revision = before.revision + 1;
  const reason = call.abandoned ? 'abandoned' : 'no-form';
  return {
    state: {
      ...seen,
      status: 'not-scorable',
      result: null,
      superseded: [summaryOf(before), ...seen.superseded].slice(0, SUPERSEDED_MAX),
      withdrawn: { revision, form: before.form },
      agentId: null,
      endedAtMs: null,
      passed: null,
    },
    events: [withdrawn(before, { revision, reason, replaces: replacedOf(before) }, call)],
    wakeAt: null,
  };
}

/** To the agent whose the result was. `why`: why it is void, and its number. */
function withdrawn(
  { evaluationId, agentId, agentKey, agentName, callEndedAt }: EvaluationResult,
  why: Pick<EvaluationWithdrawn, 'revision' | 'reason' | 'movedTo' | 'replaces'>,
  { callId, revision: callRevision }: CallRecord,
): Emit<EvaluationWithdrawn> {
  const who = {
    agentId,
    ...(agentKey === undefined ? {} : { agentKey }),
    ...(agentName === undefined ? {} : { agentName }),
  };
  const data = { evaluationId, callId, callRevision, ...who, callEndedAt, ...why };
  return { type: 'qa.evaluation.withdrawn', key: agentId, data, subject: evaluationId };
}

/** For the digest: how often a call was revised on the way here makes no difference. */
export const digestOf = ({ status, result }: EvaluationState): unknown => [
  status,
  result === null ? null : contentOf(result),
];

/** What those who keep sums need to take the earlier result out of them. */
const replacedOf = (before: EvaluationResult): ReplacedEvaluation => ({
  revision: before.revision,
  agentId: before.agentId,
  ...(before.queue === undefined ? {} : { queue: before.queue }),
  callEndedAt: before.callEndedAt,
  score: before.score,
  criticalScore: before.criticalScore,
  passed: before.passed,
  autoFailedBy: [...before.autoFailedBy],
  answers: before.answers.map(({ questionId, competency, value, critical }) => ({
    questionId,
    competency,
    value,
    critical,
  })),
  competencies: [...before.competencies],
});

const keep = (state: EvaluationState): Decision<EvaluationState> => ({ state, events: [], wakeAt: null });

/** What makes two results the same: everything but which revisions they are of. */
const contentOf = ({ revision: _, callRevision: __, previousAgentId: ___, ...content }: EvaluationResult): string =>
  JSON.stringify(content);

const summaryOf = ({ revision, callRevision, form, score, passed }: EvaluationResult): Superseded => ({
  revision,
  callRevision,
  form,
  score,
  passed,
});

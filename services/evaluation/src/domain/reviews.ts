/**
 * The aggregate `agent-reviews` (id = agent id): keeps an agent's recent scores, and after each training compares the calls
 * before with the next ones.
 *
 * A window takes calls begun after the training's completion, on the form version of the case, on which the competency was
 * answered. It is decided at the moment it has as many as it needs, on the first of them by the end of the call: evaluations
 * arrive in any order, so which calls those are may legally depend on arrival. Until then a revised evaluation takes the
 * place of its earlier revision, or drops out; afterwards it changes nothing and is only noted. What is withdrawn (the call was
 * another agent's) drops out of the calls before, too: they are of this agent, or they are no comparison. A form that is republished
 * while a window is open has another version: its calls do not count, and the deadline says insufficient evidence.
 */
import {
  type Decision,
  DomainError,
  type Emit,
  type EvaluationEventData,
  type EvaluationResult,
  type EvaluationWithdrawn,
  type Message,
  type ReEvaluationResult,
  type TrainingEventData,
} from '@coachloop/contracts';
import { belongs, byCallEnd, callOf, callsBefore, pointOf, sampleOf, sampleWithout, withCall } from './calls.ts';
import { judge } from './judgement.ts';
import type { Policy } from './policy.ts';
import {
  type AgentReview,
  type DecidedWindow,
  type OpenWindow,
  REVIEW_BOUNDS,
  type ReviewedCall,
  type Withdrawn,
} from './review.ts';
import { DAY_MS, isoOf, msOf } from './time.ts';

/** One timer: the earliest deadline. */
const decision = (state: AgentReview, events: readonly Emit[] = []): Decision<AgentReview> => ({
  state,
  events,
  wakeAt: state.open.length === 0 ? null : Math.min(...state.open.map((w) => w.deadlineAt)),
});

const aboutOf = (state: AgentReview, window: OpenWindow) => ({
  caseId: window.caseId,
  assignmentId: window.assignmentId,
  attempt: window.attempt,
  agentId: state.agentId,
  ...(state.agentKey === undefined ? {} : { agentKey: state.agentKey }),
  ...(state.agentName === undefined ? {} : { agentName: state.agentName }),
  competency: window.competency,
  courseId: window.courseId,
  form: window.form,
  ...(window.policyVersion === undefined ? {} : { policyVersion: window.policyVersion }),
});

/** Decides the windows that have what they need, and, where `dueMs` is given, those whose deadline has come. */
function decide(state: AgentReview, events: readonly Emit[], policy: Policy, dueMs = -Infinity): Decision<AgentReview> {
  const open: OpenWindow[] = [];
  const decided: DecidedWindow[] = [];
  const said: Emit[] = [...events];
  for (const window of state.open) {
    if (window.after.length < window.calls && window.deadlineAt > dueMs) {
      open.push(window);
      continue;
    }
    const final = { ...window, after: window.after.slice(0, window.calls) };
    const verdict = judge(final, policy);
    const data: ReEvaluationResult = { ...aboutOf(state, final), before: final.before, ...verdict };
    said.push({ type: 'evaluation.completed', key: state.agentId, subject: final.caseId, data });
    decided.push({
      caseId: final.caseId,
      assignmentId: final.assignmentId,
      attempt: final.attempt,
      competency: final.competency,
      outcome: verdict.outcome,
      difference: verdict.difference,
      interval80: verdict.interval80,
      decidedAt: verdict.decidedAt,
      baselineUntil: final.baselineUntil ?? final.completedAt,
      evaluations: final.after.map((c) => c.evaluationId),
      revisedLater: [],
    });
  }
  if (decided.length === 0) return decision(state, said);
  return decision({ ...state, open, decided: [...state.decided, ...decided].slice(-REVIEW_BOUNDS.decided_max) }, said);
}

/** The window with this call in, replaced or out, whatever its revision now says. */
function withWindowCall(window: OpenWindow, call: ReviewedCall): OpenWindow {
  const others = window.after.filter((c) => c.evaluationId !== call.evaluationId);
  const point = belongs(call, window) ? pointOf(call, window) : undefined;
  if (!point) return others.length === window.after.length ? window : { ...window, after: others };
  return { ...window, after: [...others, point].sort(byCallEnd) };
}

function noteRevision(decided: DecidedWindow, { evaluationId, revision }: Withdrawn): DecidedWindow {
  if (!decided.evaluations.includes(evaluationId)) return decided;
  const note = { evaluationId, revision };
  return { ...decided, revisedLater: [...decided.revisedLater, note].slice(-REVIEW_BOUNDS.revised_later_max) };
}

const latestKnown = (state: AgentReview, evaluationId: string): number =>
  Math.max(
    0,
    ...state.calls.filter((c) => c.evaluationId === evaluationId).map((c) => c.revision),
    ...state.open.flatMap((w) => w.after.filter((c) => c.evaluationId === evaluationId).map((c) => c.revision)),
    ...(state.withdrawn ?? []).filter((c) => c.evaluationId === evaluationId).map((c) => c.revision),
  );

function evaluated(state: AgentReview, evaluation: EvaluationResult, policy: Policy): Decision<AgentReview> {
  const call = callOf(evaluation);
  if (latestKnown(state, call.evaluationId) >= call.revision) return decision(state);
  const next: AgentReview = {
    ...state,
    ...(evaluation.agentKey === undefined ? {} : { agentKey: evaluation.agentKey }),
    ...(evaluation.agentName === undefined ? {} : { agentName: evaluation.agentName }),
    calls: withCall(state.calls, call, policy.keepCalls),
    open: state.open.map((w) => withWindowCall(w, call)),
    decided: state.decided.map((d) => noteRevision(d, call)),
  };
  return decide(next, [], policy);
}

function withdrawn(state: AgentReview, { evaluationId, revision }: EvaluationWithdrawn): Decision<AgentReview> {
  if (latestKnown(state, evaluationId) >= revision) return decision(state);
  const isOther = (call: { readonly evaluationId: string }) => call.evaluationId !== evaluationId;
  const without = (window: OpenWindow): OpenWindow =>
    [...window.before.calls, ...window.after].every(isOther)
      ? window
      : { ...window, before: sampleWithout(window.before, isOther), after: window.after.filter(isOther) };
  return decision({
    ...state,
    calls: state.calls.filter(isOther),
    open: state.open.map(without),
    decided: state.decided.map((d) => noteRevision(d, { evaluationId, revision })),
    withdrawn: [...(state.withdrawn ?? []).filter(isOther), { evaluationId, revision }].slice(
      -REVIEW_BOUNDS.withdrawn_max,
    ),
  });
}

function trained(
  state: AgentReview,
  data: TrainingEventData<'training.completed'>,
  policy: Policy,
): Decision<AgentReview> {
  const known = [...state.open, ...state.decided].some((w) => w.assignmentId === data.assignmentId);
  if (!data.passed || known) return decision(state);
  if (state.open.length >= REVIEW_BOUNDS.open_max)
    throw new DomainError(
      'EVALUATION_WINDOWS_FULL',
      `Agent ${state.agentId} has ${REVIEW_BOUNDS.open_max} open windows.`,
    );

  const completedAt = msOf(data.completedAt, '/completedAt');
  const blank = {
    caseId: data.caseId,
    assignmentId: data.assignmentId,
    attempt: data.attempt,
    competency: data.competency,
    courseId: data.course.id,
    form: { id: data.form.id, version: data.form.version },
    completedAt,
    baselineUntil: state.decided.findLast((w) => w.caseId === data.caseId)?.baselineUntil ?? completedAt,
    deadlineAt: completedAt + policy.deadlineDays * DAY_MS,
    calls: policy.calls,
    passMark: policy.passMark,
    ...(policy.closeHeld ? { closeHeld: true as const } : {}),
    policyVersion: policy.version,
    ...(data.questionId === undefined ? {} : { questionId: data.questionId }),
    after: [],
  };
  const before = sampleOf(callsBefore(state.calls, blank, policy.before.calls));
  // Calls after the training may have been scored before we heard of it.
  const window = state.calls.reduce<OpenWindow>(withWindowCall, { ...blank, before });
  const opened: EvaluationEventData<'evaluation.window.opened'> = {
    ...aboutOf(state, window),
    calls: window.calls,
    after: isoOf(completedAt),
    deadlineAt: isoOf(window.deadlineAt),
    before,
  };
  const event: Emit = { type: 'evaluation.window.opened', key: state.agentId, subject: window.caseId, data: opened };
  return decide({ ...state, open: [...state.open, window] }, [event], policy);
}

export const handleReview =
  (policy: Policy) =>
  (state: AgentReview, message: Message): Decision<AgentReview> => {
    // The data of events was checked against their contract when they were read.
    switch (message.type) {
      case 'qa.evaluation.completed':
      case 'qa.evaluation.revised':
        return evaluated(state, message.data as EvaluationResult, policy);
      case 'qa.evaluation.withdrawn':
        return withdrawn(state, message.data as EvaluationWithdrawn);
      case 'training.completed':
        return trained(state, message.data as TrainingEventData<'training.completed'>, policy);
      case 'timer':
        // Its own time, not the clock: only what was appended before that is known to have been read.
        return decide(state, [], policy, message.time);
      default:
        return decision(state);
    }
  };

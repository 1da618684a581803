/** The few steps that every transition of a case is made of. A draft is the case so far and what it has to say. */
import {
  type CaseStage,
  type Emit,
  OPEN_STAGES,
  type TrainingEventData,
  type TrainingEventType,
} from '@coachloop/contracts';
import { type Assignment, CASE_BOUNDS, type Case, type CaseOutcome, LEGAL_MOVES, type ReEvaluation } from './case.ts';
import { type Catalogue, courseFor, type Policy } from './policy.ts';
import { DAY_MS, isoOf } from './time.ts';

/** What a transition may look at besides the case. */
export interface Step {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  /** Service time, ms. */
  readonly now: number;
  /** Id of the message. */
  readonly cause: string;
}

export interface Draft {
  readonly state: Case;
  readonly events: readonly Emit[];
}

export const whoOf = (state: Case) => ({
  caseId: state.caseId,
  agentId: state.agentId,
  ...(state.agentKey === undefined ? {} : { agentKey: state.agentKey }),
  ...(state.agentName === undefined ? {} : { agentName: state.agentName }),
  competency: state.competency,
});

export const whichOf = (state: Case, assignment: Assignment) => ({
  ...whoOf(state),
  assignmentId: assignment.assignmentId,
  attempt: assignment.attempt,
  course: assignment.course,
});

export const current = (state: Case): Assignment | undefined => state.assignments.at(-1);

/** `time`: when it happened, ms; absent: now. */
export function say<T extends TrainingEventType>(
  draft: Draft,
  type: T,
  data: TrainingEventData<T>,
  time?: number,
): Draft {
  const event: Emit = {
    type,
    key: draft.state.agentId,
    subject: draft.state.caseId,
    data,
    ...(time === undefined ? {} : { time }),
  };
  return { ...draft, events: [...draft.events, event] };
}

export const change = (draft: Draft, fields: Partial<Case>): Draft => ({
  ...draft,
  state: { ...draft.state, ...fields },
});

export const changeCurrent = (draft: Draft, fields: Partial<Assignment>): Draft =>
  change(draft, {
    assignments: draft.state.assignments.map((a, i, all) => (i === all.length - 1 ? { ...a, ...fields } : a)),
  });

export function move(draft: Draft, to: CaseStage, step: Step): Draft {
  const from = draft.state.stage;
  if (!LEGAL_MOVES[from].includes(to)) throw new Error(`A case must not move from ${from} to ${to}.`);
  const at = isoOf(step.now);
  const since = draft.state.history.at(-1)?.at;
  const moved = change(draft, {
    stage: to,
    open: OPEN_STAGES.includes(to),
    movedAt: at,
    history: [...draft.state.history, { from, to, at, cause: step.cause }].slice(-CASE_BOUNDS.history_max),
  });
  return say(moved, 'training.case.stage.changed', {
    ...whoOf(moved.state),
    from,
    to,
    at,
    ...(since === undefined ? {} : { since }),
  });
}

/** Assigns the course of the next attempt, due by the policy counted from now; escalates where the catalogue has none. */
export function assign(draft: Draft, notBefore: string, step: Step): Draft {
  const { state } = draft;
  const attempt = state.assignments.length + 1;
  const course = courseFor(step.catalogue, state.competency, attempt);
  if (!course) return end(escalate(draft, 'no-course', step), 'escalated', notBefore, null, step);
  const due = step.now + step.policy.dueDays * DAY_MS;
  const assignment: Assignment = {
    assignmentId: `${state.caseId}.${attempt}`,
    attempt,
    course,
    assignedAt: isoOf(step.now),
    dueAt: isoOf(due),
    notBefore,
    retake: 0,
    startedAt: null,
    completedAt: null,
    passed: null,
    score: null,
    reports: [],
    overdueSteps: 0,
    nextStepAt: due,
  };
  const added = change(draft, { assignments: [...state.assignments, assignment] });
  return move(sayAssigned(added, assignment), 'assigned', step);
}

export const sayAssigned = (draft: Draft, assignment: Assignment): Draft =>
  say(draft, 'training.assigned', {
    ...whichOf(draft.state, assignment),
    assignedAt: assignment.assignedAt,
    caseOpenedAt: draft.state.openedAt,
    ...(draft.state.scoredAt === undefined ? {} : { scoredAt: draft.state.scoredAt }),
    dueAt: assignment.dueAt,
    ...(assignment.retake === 0 ? {} : { retake: assignment.retake }),
    form: draft.state.form,
  });

export function escalate(draft: Draft, reason: string, step: Step): Draft {
  const said = change(draft, { escalations: [...draft.state.escalations, { reason, at: isoOf(step.now) }] });
  return say(said, 'training.escalated', { ...whoOf(draft.state), reason, attempt: draft.state.assignments.length });
}

const STAGE_OF_OUTCOME = {
  improved: 'closed',
  held: 'closed',
  escalated: 'escalated',
  'insufficient-evidence': 'insufficient-evidence',
  withdrawn: 'withdrawn',
} as const satisfies Record<CaseOutcome, CaseStage>;

/** `closedAt` is event time: the cool-down counts from it. */
export function end(draft: Draft, outcome: CaseOutcome, closedAt: string, by: ReEvaluation | null, step: Step): Draft {
  const ended = change(draft, { outcome, closedAt });
  const { state } = ended;
  const closed = say(ended, 'training.case.closed', {
    ...whoOf(state),
    outcome,
    closedAt,
    openedAt: state.openedAt,
    attempts: state.assignments.length,
    difference: by?.difference ?? null,
    interval80: by?.interval80 ?? null,
  });
  return move(closed, STAGE_OF_OUTCOME[outcome], step);
}

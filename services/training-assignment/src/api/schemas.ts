/** What the routes give out. Times are ISO 8601 in UTC, scores 0 to 100. */
import {
  BOUNDS,
  CaseStage,
  Count,
  Course,
  Flag,
  Id,
  Interval,
  Label,
  maybe,
  Nullable,
  ReEvaluationResult,
  Sample,
  Score,
  Shape,
  Time,
  TrainingEvents,
  Uuid,
} from '@coachloop/contracts';
import { type Static, Type } from 'typebox';
import type { Assignment, Case } from '../domain/case.ts';
import type { Learner } from '../domain/learner.ts';
import { isoOf } from '../domain/time.ts';

export const Page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'At most so many' })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, description: '`next` of the page before' })),
} as const;

const Integer = Type.Integer();
const opened = TrainingEvents['training.case.opened'].properties;

export const AssignmentView = Shape({
  assignmentId: Id('`<case id>.<attempt>`'),
  attempt: Integer,
  course: Course,
  assignedAt: Time('When; of the latest retake'),
  dueAt: Time('Counted from the assignment'),
  retake: Count('How often it was not passed and taken again'),
  startedAt: Nullable(Time('When the learner began')),
  completedAt: Nullable(Time('When the learner finished')),
  passed: Nullable(Flag('null: not finished')),
  score: Nullable(Score('Result of its test')),
  reports: Type.Array(
    Shape({
      kind: Type.Enum(['start', 'completion']),
      sourceId: Id("The learning system's own id"),
      at: Time('When it happened'),
      passed: maybe(Flag('Of a completion')),
      score: maybe(Score('Of a completion')),
    }),
  ),
  overdueSteps: Count('0: in time; 1: overdue; then one per reminder; then escalated'),
});
export type AssignmentView = Static<typeof AssignmentView>;

const ReEvaluationView = Shape({
  assignmentId: Id('After this assignment'),
  attempt: Integer,
  openedAt: Time('Calls begun after this are looked at'),
  deadlineAt: Nullable(Time('Then too few calls is the answer')),
  calls: Nullable(Count('How many calls are looked at')),
  before: Sample,
  after: Nullable(Sample),
  difference: Nullable(Type.Number()),
  interval80: Nullable(Interval),
  passMark: Nullable(Score('What the mean after had to reach')),
  outcome: Nullable(ReEvaluationResult.properties.outcome),
  decidedAt: Nullable(Time('Event time of the decision')),
});

const summary = {
  caseId: Uuid('The case'),
  stage: CaseStage,
  open: Flag('Not ended'),
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  competency: Id('What is to be learnt'),
  openedAt: Time('When the call that fired the trigger ended'),
  rule: opened.trigger.properties.rule,
  attempts: Count('Courses assigned'),
  dueAt: Nullable(Time('Of the current assignment, while it is not completed')),
  outcome: Nullable(TrainingEvents['training.case.closed'].properties.outcome),
  closedAt: Nullable(Time('Event time of the end')),
  movedAt: Time('When it came to its stage, by the clock of the service'),
} as const;
export const CaseSummary = Shape(summary);
export type CaseSummary = Static<typeof CaseSummary>;

export const CaseView = Shape({
  ...summary,
  traceId: maybe(
    Type.String({ description: 'The trace (W3C, 32 hex digits) of the call that opened it, in logs and spans' }),
  ),
  trigger: opened.trigger,
  form: opened.form,
  assignments: Type.Array(AssignmentView),
  reEvaluations: Type.Array(ReEvaluationView),
  escalations: Type.Array(Shape({ reason: Label('Why'), at: Time('When') })),
  history: Type.Array(
    Shape({
      from: Nullable(CaseStage),
      to: CaseStage,
      at: Time('When'),
      cause: Type.String({ description: 'Id of what moved it' }),
    }),
  ),
});
export type CaseView = Static<typeof CaseView>;

export const ReplyView = Shape({
  caseId: Uuid('The case'),
  assignmentId: Id('The assignment'),
  stage: CaseStage,
  effect: Type.Enum(['accepted', 'duplicate', 'ignored'], {
    description: 'duplicate: this source id was heard before; ignored: the assignment is past this already',
  }),
  reason: maybe(Label('Stable word, where it had no effect')),
});

const Trigger = Shape({
  evaluationId: Uuid('The evaluation that was looked at'),
  revision: Integer,
  callId: Uuid('Its call'),
  callEndedAt: Time('End of the call'),
  decidedAt: Time('When it was looked at'),
  decisions: TrainingEvents['training.trigger.evaluated'].properties.decisions,
});

export const TriggersView = Shape({
  agentId: Id('The agent'),
  items: Type.Array(Trigger, { description: 'Newest first' }),
});

export const LearnerView = Shape({
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  windows: Type.Array(
    Shape({
      competency: Id('Competency'),
      openCase: Nullable(Uuid('The open case')),
      closedAt: Nullable(Time('When the last case ended; the cool-down counts from it')),
      countsAfter: Nullable(Time('Calls that ended until then count no more')),
      results: Type.Array(
        Shape({
          callId: Uuid('Call'),
          evaluationId: Uuid('Evaluation'),
          callEndedAt: Time('End of the call'),
          score: Score('Of the competency'),
          failed: Type.Array(Id('Question that was answered no')),
          failedCritically: Flag('One of them is critical'),
          counts: Flag('Still counts towards a trigger'),
        }),
        { description: 'Oldest first', maxItems: BOUNDS.window_calls_max },
      ),
    }),
  ),
  lastTrigger: Nullable(Trigger),
});
export type LearnerView = Static<typeof LearnerView>;

export function assignmentView(a: Assignment): AssignmentView {
  const { nextStepAt: _nextStepAt, notBefore: _notBefore, ...shown } = a;
  return { ...shown, reports: [...a.reports] };
}

export function caseSummary(c: Case): CaseSummary {
  const last = c.assignments.at(-1);
  const waiting = c.stage === 'assigned' || c.stage === 'in-training';
  return {
    caseId: c.caseId,
    stage: c.stage,
    open: c.open,
    agentId: c.agentId,
    ...(c.agentKey === undefined ? {} : { agentKey: c.agentKey }),
    ...(c.agentName === undefined ? {} : { agentName: c.agentName }),
    competency: c.competency,
    openedAt: c.openedAt,
    rule: c.trigger.rule,
    attempts: c.assignments.length,
    dueAt: waiting && last ? last.dueAt : null,
    outcome: c.outcome,
    closedAt: c.closedAt,
    movedAt: c.movedAt ?? c.history.at(-1)?.at ?? c.openedAt,
  };
}

export const caseView = (c: Case, traceId: string | undefined): CaseView => ({
  ...caseSummary(c),
  ...(traceId === undefined ? {} : { traceId }),
  trigger: c.trigger,
  form: c.form,
  assignments: c.assignments.map(assignmentView),
  reEvaluations: [...c.reEvaluations],
  escalations: [...c.escalations],
  history: [...c.history],
});

const triggerView = (t: Learner['triggers'][number]) => ({ ...t, decisions: [...t.decisions] });

export const triggersView = (l: Learner): Static<typeof TriggersView> => ({
  agentId: l.agentId,
  items: l.triggers.toReversed().map(triggerView),
});

export function learnerView(l: Learner, windowCalls: number): LearnerView {
  const names = new Set([
    ...l.results.flatMap((r) => r.competencies.map((c) => c.competency)),
    ...l.tracks.map((t) => t.competency),
  ]);
  const last = l.triggers.at(-1);
  const windows = [...names].sort().map((competency) => {
    const track = l.tracks.find((t) => t.competency === competency);
    const results = l.results.flatMap((r) => {
      const c = r.competencies.find((found) => found.competency === competency);
      if (!c) return [];
      const counts = !track || (r.endedAt > track.countsAfter && !track.consumed.includes(r.evaluationId));
      return {
        callId: r.callId,
        evaluationId: r.evaluationId,
        callEndedAt: isoOf(r.endedAt),
        score: c.score,
        failed: c.no.map((q) => q.questionId),
        failedCritically: c.no.some((q) => q.critical),
        counts,
      };
    });
    return {
      competency,
      openCase: track?.openCase ?? null,
      closedAt: track?.closedAt == null ? null : isoOf(track.closedAt),
      countsAfter: track?.countsAfter ? isoOf(track.countsAfter) : null,
      results: results.slice(-windowCalls),
    };
  });
  return {
    agentId: l.agentId,
    ...(l.agentKey === undefined ? {} : { agentKey: l.agentKey }),
    ...(l.agentName === undefined ? {} : { agentName: l.agentName }),
    windows,
    lastTrigger: last ? triggerView(last) : null,
  };
}

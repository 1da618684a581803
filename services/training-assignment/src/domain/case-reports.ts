/** What learning systems report about an assignment: starts and completions. Over HTTP and over the bus, the same way. */
import type { CaseStage, CompletionReport, StartReport } from '@coachloop/contracts';
import { type Assignment, CASE_BOUNDS, type Case, type Report } from './case.ts';
import { changeCurrent, type Draft, end, escalate, move, type Step, say, sayAssigned, whichOf } from './case-draft.ts';
import { trainingError } from './errors.ts';
import { DAY_MS, isoOf, msOf, reportedMs } from './time.ts';

/** What became of a report. `duplicate`: this source id was heard before; `ignored`: true perhaps, but past. */
export interface ReportReply {
  readonly caseId: string;
  readonly assignmentId: string;
  readonly stage: CaseStage;
  readonly effect: 'accepted' | 'duplicate' | 'ignored';
  readonly reason?: string;
}

export interface Reported {
  readonly draft: Draft;
  readonly reply: ReportReply;
}

/** A version-5 UUID in the place of the learner is one of our agent ids, so it must be this agent's; anything else is the learning system's own. */
const OUR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const inTraining = (state: Case) => state.stage === 'assigned' || state.stage === 'in-training';

/** `draft` must be what `effect` says; the reply carries the stage after it. */
function replied(draft: Draft, assignmentId: string, effect: ReportReply['effect'], reason?: string): Reported {
  const { caseId, stage } = draft.state;
  return { draft, reply: { caseId, assignmentId, stage, effect, ...(reason === undefined ? {} : { reason }) } };
}

function find(state: Case, assignmentId: string | undefined): Assignment {
  const found = state.assignments.find((a) => a.assignmentId === assignmentId);
  if (found) return found;
  throw trainingError(
    'TRAINING_ASSIGNMENT_UNKNOWN',
    `Case ${state.caseId} has no assignment ${assignmentId ?? ''}.`,
    '/assignmentId',
  );
}

/** Why a report has no effect; null: it has one. */
function idle(
  state: Case,
  assignment: Assignment,
  report: Report,
): { effect: 'duplicate' | 'ignored'; reason: string } | null {
  if (assignment.reports.some((r) => r.kind === report.kind && r.sourceId === report.sourceId))
    return { effect: 'duplicate', reason: 'source-id-known' };
  if (assignment !== state.assignments.at(-1)) return { effect: 'ignored', reason: 'assignment-over' };
  if (!state.open) return { effect: 'ignored', reason: 'case-ended' };
  if (!inTraining(state)) return { effect: 'ignored', reason: 'already-completed' };
  if (report.kind === 'start' && state.stage === 'in-training') return { effect: 'ignored', reason: 'already-started' };
  return null;
}

const noted = (draft: Draft, assignment: Assignment, report: Report): Draft =>
  changeCurrent(draft, { reports: [...assignment.reports, report].slice(-CASE_BOUNDS.reports_max) });

function begin(draft: Draft, assignment: Assignment, startedMs: number, step: Step): Draft {
  const startedAt = isoOf(startedMs);
  const begun = changeCurrent(draft, { startedAt });
  const said = say(begun, 'training.started', { ...whichOf(draft.state, assignment), startedAt }, startedMs);
  return move(said, 'in-training', step);
}

export function start(state: Case, data: StartReport, step: Step): Reported {
  const assignment = find(state, data.assignmentId);
  const startedMs = reportedMs(data.startedAt, step.now, '/startedAt');
  const report: Report = { kind: 'start', sourceId: data.sourceId, at: isoOf(startedMs) };
  const draft: Draft = { state, events: [] };
  const why = idle(state, assignment, report);
  if (why) return replied(draft, assignment.assignmentId, why.effect, why.reason);
  return replied(
    begin(noted(draft, assignment, report), assignment, startedMs, step),
    assignment.assignmentId,
    'accepted',
  );
}

/** Throws where the report cannot be about this assignment. */
function checkCompletion(state: Case, assignment: Assignment, data: CompletionReport, now: number): number {
  if (data.courseId !== assignment.course.id)
    throw trainingError(
      'TRAINING_COURSE_DIFFERS',
      `Assignment ${assignment.assignmentId} is for the course ${assignment.course.id}, not ${data.courseId}.`,
      '/courseId',
    );
  if (data.learner !== undefined && OUR_ID.test(data.learner) && data.learner !== state.agentId)
    throw trainingError(
      'TRAINING_LEARNER_DIFFERS',
      `Assignment ${assignment.assignmentId} is for the agent ${state.agentId}, not ${data.learner}.`,
      '/learner',
    );
  const completedMs = reportedMs(data.completedAt, now, '/completedAt');
  if (completedMs < msOf(assignment.notBefore))
    throw trainingError(
      'TRAINING_COMPLETED_TOO_EARLY',
      `${data.completedAt} is before ${assignment.notBefore}, when the last call that led to this assignment ended.`,
      '/completedAt',
    );
  return completedMs;
}

export function complete(state: Case, data: CompletionReport, step: Step): Reported {
  const assignment = find(state, data.assignmentId);
  const completedMs = checkCompletion(state, assignment, data, step.now);
  const startedMs = data.startedAt === undefined ? undefined : reportedMs(data.startedAt, step.now, '/startedAt');
  const completedAt = isoOf(completedMs);
  const report: Report = {
    kind: 'completion',
    sourceId: data.sourceId,
    at: completedAt,
    passed: data.passed,
    ...(data.score === undefined ? {} : { score: data.score }),
  };
  let draft: Draft = { state, events: [] };
  const why = idle(state, assignment, report);
  if (why) return replied(draft, assignment.assignmentId, why.effect, why.reason);

  draft = noted(draft, assignment, report);
  if (startedMs !== undefined && state.stage === 'assigned') draft = begin(draft, assignment, startedMs, step);
  draft = changeCurrent(draft, { completedAt, passed: data.passed, score: data.score ?? null });
  draft = say(
    draft,
    'training.completed',
    {
      ...whichOf(state, assignment),
      completedAt,
      assignedAt: assignment.assignedAt,
      passed: data.passed,
      ...(data.score === undefined ? {} : { score: data.score }),
      sourceId: data.sourceId,
      form: state.form,
      ...(state.trigger.questionId === undefined ? {} : { questionId: state.trigger.questionId }),
      caseOpenedAt: state.openedAt,
    },
    completedMs,
  );
  draft = data.passed
    ? move(changeCurrent(draft, { nextStepAt: null }), 'trained', step)
    : notPassed(draft, assignment, completedAt, step);
  return replied(draft, assignment.assignmentId, 'accepted');
}

/**
 * The same course again with a new due date, as often as the policy allows; then to the team leader. `notBefore` stays: a pass from
 * before this report that is told of after it ends the training, as it would have, had they come in order.
 */
function notPassed(draft: Draft, assignment: Assignment, completedAt: string, step: Step): Draft {
  if (assignment.retake >= step.policy.retakes)
    return end(escalate(draft, 'not-passed', step), 'escalated', completedAt, null, step);
  const due = step.now + step.policy.dueDays * DAY_MS;
  const again = changeCurrent(draft, {
    retake: assignment.retake + 1,
    assignedAt: isoOf(step.now),
    dueAt: isoOf(due),
    startedAt: null,
    overdueSteps: 0,
    nextStepAt: due,
  });
  const last = again.state.assignments.at(-1) ?? assignment;
  const said = sayAssigned(again, last);
  return said.state.stage === 'assigned' ? said : move(said, 'assigned', step);
}

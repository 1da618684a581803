/** A remediation case: one agent, one competency, and its whole causal chain from the calls that fired to the calls that proved. */
import type {
  CaseStage,
  Course,
  EvaluationEventData,
  ReEvaluationResult,
  Sample,
  TrainingEventData,
} from '@coachloop/contracts';

/** A document that was addressed before (or without) its opening. */
export interface UnknownCase {
  readonly caseId: string;
  readonly stage: null;
}

/** Something a learning system told us; its `sourceId` makes repeating it harmless. */
export interface Report {
  readonly kind: 'start' | 'completion';
  readonly sourceId: string;
  readonly at: string;
  readonly passed?: boolean;
  readonly score?: number;
}

export interface Assignment {
  /** `<case id>.<attempt>`; a retake of a course that was not passed is the same assignment with a new due date. */
  readonly assignmentId: string;
  readonly attempt: number;
  readonly course: Course;
  readonly assignedAt: string;
  readonly dueAt: string;
  /** Event time of what led to it; a completion before that is about another time. */
  readonly notBefore: string;
  readonly retake: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly passed: boolean | null;
  readonly score: number | null;
  readonly reports: readonly Report[];
  /** What was said since the due date: 0 nothing, 1 overdue, then one per reminder, then the escalation. */
  readonly overdueSteps: number;
  /** When the next of these is due, ms; null: nothing more to say. */
  readonly nextStepAt: number | null;
}

export interface ReEvaluation {
  readonly assignmentId: string;
  readonly attempt: number;
  readonly openedAt: string;
  readonly deadlineAt: string | null;
  readonly calls: number | null;
  readonly before: Sample;
  readonly after: Sample | null;
  readonly difference: number | null;
  readonly interval80: ReEvaluationResult['interval80'];
  readonly passMark: number | null;
  readonly outcome: ReEvaluationResult['outcome'] | null;
  readonly decidedAt: string | null;
}

export interface StageChange {
  readonly from: CaseStage | null;
  readonly to: CaseStage;
  readonly at: string;
  /** The event, command or timer that moved it. */
  readonly cause: string;
}

export type CaseOutcome = TrainingEventData<'training.case.closed'>['outcome'];

export interface Case {
  readonly caseId: string;
  readonly stage: CaseStage;
  readonly open: boolean;
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
  readonly competency: string;
  readonly openedAt: string;
  /** When the evaluation that fired the trigger was made; absent in cases opened by an older release. */
  readonly scoredAt?: string;
  readonly trigger: TrainingEventData<'training.case.opened'>['trigger'];
  readonly form: TrainingEventData<'training.case.opened'>['form'];
  readonly assignments: readonly Assignment[];
  readonly reEvaluations: readonly ReEvaluation[];
  readonly escalations: readonly { readonly reason: string; readonly at: string }[];
  readonly history: readonly StageChange[];
  /** When it came to its stage, service time; absent in cases that moved last under an older release. */
  readonly movedAt?: string;
  /** Evaluations of the trigger that are void; absent: none. */
  readonly withdrawnCauses?: readonly string[];
  readonly outcome: CaseOutcome | null;
  readonly closedAt: string | null;
}

export type CaseState = Case | UnknownCase;

export const CASE_BOUNDS = {
  /** Of one assignment. What comes after is answered, and not kept. */
  reports_max: 20,
  history_max: 60,
} as const;

/**
 * For the digest: what came of the case and of which calls. When somebody was told is left out; windows depend on what was known
 * when, so that two runs over the same calls may legally differ in this.
 */
export const digestOf = (state: CaseState): unknown =>
  state.stage === null
    ? null
    : {
        agentId: state.agentId,
        competency: state.competency,
        rule: state.trigger.rule,
        calls: state.trigger.calls.map(({ callId }) => callId),
        courses: state.assignments.map(({ course }) => course.id),
        stage: state.stage,
        outcome: state.outcome,
      };

export const unknownCase = (caseId: string): UnknownCase => ({ caseId, stage: null });

/**
 * The state machine. Every move that is not in this table is a defect, and `move` refuses it.
 *
 * | stage         | opened   | start      | passed  | not passed            | window opened | closed | repeated            | escalated | insufficient          | timer             |
 * |---------------|----------|------------|---------|-----------------------|---------------|--------|---------------------|-----------|-----------------------|-------------------|
 * | (none)        | assigned | refused    | refused | refused               | refused       | refused| refused             | refused   | refused               | –                 |
 * | opened        | –        | –          | –       | –                     | –             | –      | –                   | –         | –                     | –                 |
 * | assigned      | –        | in-training| trained | assigned or escalated | –             | –      | –                   | –         | –                     | assigned or escalated |
 * | in-training   | –        | –          | trained | assigned or escalated | –             | –      | –                   | –         | –                     | in-training or escalated |
 * | trained       | –        | –          | –       | –                     | re-evaluating | closed | assigned or escalated | escalated | insufficient-evidence | –               |
 * | re-evaluating | –        | –          | –       | –                     | –             | closed | assigned or escalated | escalated | insufficient-evidence | –               |
 * | ended         | –        | –          | –       | –                     | –             | –      | –                   | –         | –                     | –                 |
 *
 * A cause that is withdrawn: see `case-withdrawal.ts`; from `assigned` to `withdrawn`, or no move.
 * `–` is a legal no-op: the event is late, or was said already. `refused` becomes a 404 or a dead letter. Events about an
 * assignment that is not the current one are no-ops in every stage. `opened` is passed through within one transition, so no
 * stored case rests there. `trained` takes a result without its window, in case the window's event was parked.
 */
export const LEGAL_MOVES: Readonly<Record<CaseStage, readonly CaseStage[]>> = {
  opened: ['assigned', 'escalated'],
  assigned: ['in-training', 'trained', 'escalated', 'withdrawn'],
  'in-training': ['assigned', 'trained', 'escalated'],
  trained: ['re-evaluating', 'assigned', 'closed', 'escalated', 'insufficient-evidence'],
  're-evaluating': ['assigned', 'closed', 'escalated', 'insufficient-evidence'],
  closed: [],
  escalated: [],
  'insufficient-evidence': [],
  withdrawn: [],
};

export type WindowOpened = EvaluationEventData<'evaluation.window.opened'>;

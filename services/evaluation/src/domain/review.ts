/** What is kept of one agent: the latest calls with their scores, the open windows, and what became of earlier ones. */
import type { ReEvaluationResult, Sample } from '@coachloop/contracts';

export interface Form {
  readonly id: string;
  readonly version: number;
}

/** What was missed is absent where nothing was, and in what was kept before it was looked at. */
export interface CompetencyScore {
  readonly competency: string;
  readonly score: number;
  /** Questions answered no. */
  readonly missed?: readonly string[];
  /** One of them is critical, or fails the form. */
  readonly failedCritically?: true;
}

/** One evaluated call in its latest revision; only the competencies that were answered on it. */
export interface ReviewedCall {
  readonly callId: string;
  readonly evaluationId: string;
  readonly revision: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly form: Form;
  readonly scores: readonly CompetencyScore[];
}

/** One call as a window sees it. */
export interface WindowCall {
  readonly callId: string;
  readonly evaluationId: string;
  readonly revision: number;
  readonly endedAt: number;
  readonly score: number;
  readonly failedCritically?: true;
  /** The criterion that the case is about was missed. */
  readonly missed?: true;
}

export interface OpenWindow {
  readonly caseId: string;
  readonly assignmentId: string;
  readonly attempt: number;
  readonly competency: string;
  readonly courseId: string;
  readonly form: Form;
  /** Calls begun after this count, ms. */
  readonly completedAt: number;
  /** Calls begun before this are the ones before; absent: `completedAt`. */
  readonly baselineUntil?: number;
  /** Calls that ended after this do not, ms; also when the timer fires. */
  readonly deadlineAt: number;
  /** How many calls are looked at; fixed when the window opens. */
  readonly calls: number;
  readonly passMark: number;
  /** Whether it may be closed as held; fixed when the window opens, as all of the policy is. Absent: not. */
  readonly closeHeld?: true;
  /** Absent in windows that were opened before it was kept. */
  readonly policyVersion?: number;
  /** The criterion that the case is about; absent: none in particular. */
  readonly questionId?: string;
  /** Fixed when the window opens. */
  readonly before: Sample;
  /** What has come so far, by the end of the call; fewer than `calls`. */
  readonly after: readonly WindowCall[];
}

export interface DecidedWindow {
  readonly caseId: string;
  readonly assignmentId: string;
  readonly attempt: number;
  readonly competency: string;
  readonly outcome: ReEvaluationResult['outcome'];
  readonly difference: number | null;
  readonly interval80: ReEvaluationResult['interval80'];
  readonly decidedAt: string;
  /** When the first training of the case was completed, ms; absent in what was decided before this was kept. */
  readonly baselineUntil?: number;
  /** The evaluations that were decided on, after the training. */
  readonly evaluations: readonly string[];
  /** Revisions of them that came too late to change anything. */
  readonly revisedLater: readonly { readonly evaluationId: string; readonly revision: number }[];
}

/** A result that is void, so that a letter of it that is replayed late does not count again. */
export interface Withdrawn {
  readonly evaluationId: string;
  readonly revision: number;
}

export interface AgentReview {
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
  /** By the end of the call, oldest first. */
  readonly calls: readonly ReviewedCall[];
  readonly open: readonly OpenWindow[];
  /** Newest last. */
  readonly decided: readonly DecidedWindow[];
  /** Newest last; absent: none. */
  readonly withdrawn?: readonly Withdrawn[];
}

export const REVIEW_BOUNDS = {
  /** Over all competencies; each keeps `keepCalls` of the policy. */
  calls_max: 400,
  /** A case per competency is open at most; more than this is a defect upstream, and refused. */
  open_max: 200,
  decided_max: 50,
  withdrawn_max: 50,
  revised_later_max: 20,
} as const;

export const newReview = (agentId: string): AgentReview => ({ agentId, calls: [], open: [], decided: [] });

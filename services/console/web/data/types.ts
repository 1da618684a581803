/** What the services' routes answer, as far as the page reads it. Made of the contracts' types; times are ISO 8601 in UTC. */
import type {
  CallRecord,
  CallStage,
  CaseStage,
  Criterion,
  EvaluationResult,
  Sample,
  TrainingEventData,
  TriggerRule,
} from '@coachloop/contracts';

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface Who {
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
}

/** GET /training/v1/cases */
export interface CaseSummary extends Who {
  readonly caseId: string;
  readonly stage: CaseStage;
  readonly open: boolean;
  readonly competency: string;
  readonly openedAt: string;
  readonly rule: TriggerRule;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly outcome: string | null;
  readonly closedAt: string | null;
  readonly movedAt: string;
}

export interface Assignment {
  readonly assignmentId: string;
  readonly attempt: number;
  readonly course: Course;
  readonly assignedAt: string;
  readonly dueAt: string;
  readonly retake: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly passed: boolean | null;
  readonly score: number | null;
  readonly overdueSteps: number;
}
type Course = TrainingEventData<'training.assigned'>['course'];

export interface ReEvaluation {
  readonly assignmentId: string;
  readonly attempt: number;
  readonly openedAt: string;
  readonly deadlineAt: string | null;
  readonly calls: number | null;
  readonly before: Sample;
  readonly after: Sample | null;
  readonly difference: number | null;
  readonly interval80: { readonly low: number | null; readonly high: number | null } | null;
  readonly passMark: number | null;
  readonly outcome: string | null;
  readonly decidedAt: string | null;
}

/** GET /training/v1/cases/:id */
export interface CaseView extends CaseSummary {
  readonly trigger: TrainingEventData<'training.case.opened'>['trigger'];
  readonly form: FormRef;
  readonly assignments: readonly Assignment[];
  readonly reEvaluations: readonly ReEvaluation[];
  readonly escalations: readonly { readonly reason: string; readonly at: string }[];
  readonly history: readonly { readonly from: CaseStage | null; readonly to: CaseStage; readonly at: string }[];
}

export interface FormRef {
  readonly id: string;
  readonly version: number;
}

/** GET /training/v1/learners/:id */
export interface Learner extends Who {
  readonly windows: readonly {
    readonly competency: string;
    readonly openCase: string | null;
    readonly results: readonly {
      readonly callId: string;
      readonly callEndedAt: string;
      readonly score: number;
      readonly failed: readonly string[];
      readonly failedCritically: boolean;
      readonly counts: boolean;
    }[];
  }[];
}
export type CompetencyWindow = Learner['windows'][number];

/** GET /training/v1/triggers */
export interface Trigger {
  readonly evaluationId: string;
  readonly callId: string;
  readonly callEndedAt: string;
  readonly decidedAt: string;
  readonly decisions: TrainingEventData<'training.trigger.evaluated'>['decisions'];
}

/** GET /evaluation/v1/reviews/:agentId */
export interface Review extends Who {
  readonly open: readonly {
    readonly caseId: string;
    readonly competency: string;
    readonly calls: number;
    readonly seen: number;
  }[];
  readonly decided: readonly {
    readonly caseId: string;
    readonly attempt: number;
    readonly competency: string;
    readonly outcome: string;
    readonly difference: number | null;
    readonly interval80: { readonly low: number | null; readonly high: number | null } | null;
    readonly decidedAt: string;
  }[];
}

/** GET /metrics/v1/agents; the last days, and `all` since the beginning. */
export interface AgentSummary extends Who {
  readonly latestCallAt: string | null;
  readonly evaluations: number;
  readonly meanScore: number | null;
  readonly passRate: number | null;
  readonly openCases: number | null;
  readonly weakest: readonly Criterion[];
}

/** GET /qa/v1/evaluations/:id */
export interface EvaluationDetail {
  readonly evaluation: EvaluationResult;
  readonly superseded: readonly { readonly revision: number; readonly score: number | null; readonly form: FormRef }[];
}

/** GET /ingest/v1/calls/:id */
export interface CallDetail extends Omit<CallRecord, 'endedAt'> {
  readonly endedAt?: string;
  readonly stage: CallStage;
  readonly segments: number;
}

export interface Title {
  readonly en: string;
  readonly zh: string;
}

/** GET /qa/v1/scorecards/:id/:version */
export interface Scorecard extends FormRef {
  readonly title: Title;
  readonly passMark: number;
  readonly sections: readonly {
    readonly id: string;
    readonly title: Title;
    readonly questions: readonly { readonly id: string; readonly title: Title }[];
  }[];
}

/** A log or a store that does not answer. */
export type Outage = 'event-log' | 'document-store';

/** GET /ops/v1/status */
export interface Status {
  readonly notAnswering: readonly Outage[];
}

/** GET /demo/v1 */
export interface Demo {
  readonly demo: boolean;
  /** How many times as fast as ours its clock should run, and did in the last seconds. */
  readonly speed: number;
  readonly pace: number;
  readonly now: string;
}

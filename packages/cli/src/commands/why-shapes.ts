/** What `why` reads of the answers of three services: the fields it uses, no more. */
import type { Course, EvaluationEventData, Sample, TrainingEventData } from '@coachloop/contracts';
import type { Static } from 'typebox';

export type SampleView = Sample;

type Result = EvaluationEventData<'evaluation.completed'>;

export interface CaseDetail extends Pick<TrainingEventData<'training.case.opened'>, 'trigger' | 'form'> {
  readonly caseId: string;
  readonly traceId?: string;
  readonly stage: string;
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
  readonly competency: string;
  readonly openedAt: string;
  readonly outcome: string | null;
  readonly closedAt: string | null;
  readonly assignments: readonly {
    readonly assignmentId: string;
    readonly course: Static<typeof Course>;
    readonly assignedAt: string;
    readonly dueAt: string;
    readonly retake: number;
    readonly startedAt: string | null;
    readonly completedAt: string | null;
    readonly passed: boolean | null;
    readonly score: number | null;
  }[];
  readonly reEvaluations: readonly {
    readonly assignmentId: string;
    readonly openedAt: string;
    readonly calls: number | null;
    readonly before: Sample;
    readonly after: Sample | null;
    readonly difference: number | null;
    readonly interval80: Result['interval80'];
    readonly passMark: number | null;
    readonly outcome: Result['outcome'] | null;
  }[];
  readonly escalations: readonly { readonly reason: string; readonly at: string }[];
}

export interface CallFacts {
  readonly callId: string;
  readonly channel: string;
  readonly queue?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface Scorecard {
  readonly sections: readonly {
    readonly questions: readonly {
      readonly id: string;
      readonly title: { readonly en: string; readonly zh: string };
    }[];
  }[];
}

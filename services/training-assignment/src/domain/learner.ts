/** What is kept of one agent to decide about training: recent results, which of them count, and why triggers fired or not. */
import type { CompetencyScore, Evidence, TrainingEventData } from '@coachloop/contracts';

export interface FailedQuestion {
  readonly questionId: string;
  /** A critical question, or one whose "no" fails the form. */
  readonly critical: boolean;
  /** The first of its evidence, shortened: enough to explain a case; the rest is in the evaluation. */
  readonly evidence: readonly Evidence[];
}

/** One competency on one call; only where something was answered. Questions answered N/A are left out. */
export interface CompetencyResult {
  readonly competency: string;
  readonly score: number;
  readonly yes: readonly string[];
  readonly no: readonly FailedQuestion[];
}

/** One evaluation, in its latest revision. Kept once for all its competencies. */
export interface Result {
  readonly callId: string;
  readonly evaluationId: string;
  readonly revision: number;
  /** When the call ended, ms; the order of windows, ties by call id. */
  readonly endedAt: number;
  readonly form: { readonly id: string; readonly version: number };
  readonly competencies: readonly CompetencyResult[];
}

/** What a competency remembers of its cases. It exists from the first case on. */
export interface Track {
  readonly competency: string;
  readonly openCase: string | null;
  readonly openedAt: number;
  /** Event time when the last case ended; the cool-down counts from it. */
  readonly closedAt: number | null;
  /** Calls that ended at or before this count no more: they led to a case, or lie before a training that ended. */
  readonly countsAfter: number;
  /** Evaluations that led to a case; never counted again, even if a revision moves the end of their call. */
  readonly consumed: readonly string[];
  /** What the open case took out of the count, so that it can be given back; absent: opened by an older release. */
  readonly taken?: { readonly evaluations: readonly string[]; readonly countsAfter: number };
  /** How many cases ended as withdrawn; absent: none. Their calls count again, and one of them may open another case. */
  readonly withdrawnCases?: number;
}

export type TriggerDecision = TrainingEventData<'training.trigger.evaluated'>['decisions'][number];

export interface TriggerEntry {
  readonly evaluationId: string;
  readonly revision: number;
  readonly callId: string;
  readonly callEndedAt: string;
  readonly decidedAt: string;
  readonly decisions: readonly TriggerDecision[];
}

/** A result that is void, so that a letter of it that is replayed late does not count again. */
export interface Withdrawn {
  readonly evaluationId: string;
  readonly revision: number;
}

export interface Learner {
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
  /** Oldest first. */
  readonly results: readonly Result[];
  readonly tracks: readonly Track[];
  /** Newest last; absent: none. */
  readonly withdrawn?: readonly Withdrawn[];
  /** Newest last; decisions on competencies that were not answered, and on rules that are off, are in the event only. */
  readonly triggers: readonly TriggerEntry[];
}

export const LEARNER_BOUNDS = {
  /** Over all competencies; each one keeps `windowCalls` of the policy. */
  results_max: 200,
  tracks_max: 200,
  consumed_max: 100,
  withdrawn_max: 50,
  /** Decisions in the trigger log; the whole log is `training.trigger.evaluated` in the event log. */
  decisions_max: 100,
  evidence_max: 1,
  evidence_chars_max: 240,
} as const;

export const newLearner = (agentId: string): Learner => ({ agentId, results: [], tracks: [], triggers: [] });

export const isAnswered = (c: CompetencyScore): c is CompetencyScore & { score: number } =>
  c.score !== null && c.answered > 0;

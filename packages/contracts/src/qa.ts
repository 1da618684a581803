/** What qa-scoring says: evaluations with evidence. */
import { type Static, Type } from 'typebox';
import {
  BOUNDS,
  CallMs,
  Channel,
  Count,
  Flag,
  Id,
  Label,
  Language,
  maybe,
  Nullable,
  Score,
  Shape,
  Text,
  Time,
  Uuid,
} from './schema.ts';

/** A place in the transcript, or a time without words (silence, a hold, the rings before the answer). */
export const Evidence = Shape({
  segment: maybe(Count('Index of the segment', BOUNDS.segments_max)),
  startMs: maybe(CallMs('From the start of the call')),
  endMs: maybe(CallMs('From the start of the call')),
  text: Text('The words, or what was measured, e.g. "silence of 21 s"'),
});
export type Evidence = Static<typeof Evidence>;

export const Answer = Shape({
  questionId: Id('Question of the form'),
  competency: Id('What the question is about; training is bought by competency'),
  value: Type.Enum(['yes', 'no', 'na'], {
    description: 'yes: the norm is met; na: the source cannot tell, or it does not apply',
  }),
  weight: Type.Number({ minimum: 0, maximum: 1000, description: 'Share of the form after N/A was taken out, 0–100' }),
  critical: Flag('Counts to the critical score'),
  autoFail: Flag('A no fails the form'),
  reason: Label('Why, as a stable word, e.g. phrase-found, not-found, no-timing'),
  evidence: Type.Array(Evidence, { maxItems: BOUNDS.evidence_max }),
});
export type Answer = Static<typeof Answer>;

export const CompetencyScore = Shape({
  competency: Id('Competency'),
  score: Nullable(Score('Weighted share of yes; null: nothing was answerable')),
  answered: Count('Questions that were answered', BOUNDS.questions_max),
});
export type CompetencyScore = Static<typeof CompetencyScore>;

export const EvaluationResult = Shape({
  evaluationId: Uuid('One per call and form'),
  revision: Type.Integer({ minimum: 1 }),
  callId: Uuid('The call'),
  callRevision: Type.Integer({ minimum: 1 }),
  agentId: Id('Our id of the agent, or `unassigned`'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  previousAgentId: maybe(Id('In a revision that moved the call to another agent: whose it was until then')),
  queue: maybe(Label('Queue')),
  channel: Channel,
  language: maybe(Language),
  callStartedAt: Time('When the call began'),
  callEndedAt: Time('When the call ended'),
  form: Shape({ id: Id('Form'), version: Type.Integer({ minimum: 1 }) }),
  speakers: maybe(
    Type.Enum(['given', 'inferred', 'swapped', 'unknown'], {
      description: 'Whose words are whose: as labelled; missing labels filled; labels exchanged; no telling',
    }),
  ),
  scorer: Shape({ kind: Type.Enum(['rules', 'person', 'model']), version: Label('Version of the scorer') }),
  score: Nullable(Score('0–100; null: nothing was answerable')),
  criticalScore: Nullable(Score('Of the critical questions alone')),
  passMark: Score('Of the form'),
  passed: Nullable(Flag('score ≥ passMark and no auto-fail')),
  autoFailedBy: Type.Array(Id('Question'), { maxItems: BOUNDS.questions_max }),
  answers: Type.Array(Answer, { maxItems: BOUNDS.questions_max }),
  competencies: Type.Array(CompetencyScore, { maxItems: BOUNDS.questions_max }),
  openCases: Flag('Cases may be opened whatever the age of the call'),
});
export type EvaluationResult = Static<typeof EvaluationResult>;

/** What an earlier revision said, as far as figures are counted from it: whoever keeps sums takes it back. */
export const ReplacedEvaluation = Shape({
  revision: Type.Integer({ minimum: 1 }),
  agentId: EvaluationResult.properties.agentId,
  queue: EvaluationResult.properties.queue,
  callEndedAt: EvaluationResult.properties.callEndedAt,
  score: EvaluationResult.properties.score,
  criticalScore: EvaluationResult.properties.criticalScore,
  passed: EvaluationResult.properties.passed,
  autoFailedBy: EvaluationResult.properties.autoFailedBy,
  answers: Type.Array(
    Shape({
      questionId: Answer.properties.questionId,
      competency: Answer.properties.competency,
      value: Answer.properties.value,
      critical: Answer.properties.critical,
    }),
    { maxItems: BOUNDS.questions_max },
  ),
  competencies: EvaluationResult.properties.competencies,
});
export type ReplacedEvaluation = Static<typeof ReplacedEvaluation>;

/**
 * The result counts for this agent no more. Keyed by the agent whose it was, so that they hear of it after the result itself, whatever
 * becomes of the call elsewhere.
 */
export const EvaluationWithdrawn = Shape(
  {
    evaluationId: EvaluationResult.properties.evaluationId,
    revision: Type.Integer({ minimum: 2, description: 'Results of the evaluation below it are void for this agent' }),
    callId: EvaluationResult.properties.callId,
    callRevision: EvaluationResult.properties.callRevision,
    agentId: Id('Whose result it was, or `unassigned`'),
    agentKey: EvaluationResult.properties.agentKey,
    agentName: EvaluationResult.properties.agentName,
    callEndedAt: Time('As the result said'),
    reason: Label('Stable word: call-moved (to another agent, who gets a revised result), abandoned, no-form'),
    movedTo: maybe(Id('Where the call moved: whose it is now')),
    replaces: maybe(ReplacedEvaluation),
  },
  'A result is void for the agent whose it was. `replaces` is there unless a qa.evaluation.revised takes the figures back',
);
export type EvaluationWithdrawn = Static<typeof EvaluationWithdrawn>;

export const QaEvents = {
  'qa.evaluation.completed': EvaluationResult,
  'qa.evaluation.revised': Shape({ ...EvaluationResult.properties, replaces: maybe(ReplacedEvaluation) }),
  'qa.evaluation.withdrawn': EvaluationWithdrawn,
} as const;
export type QaEventType = keyof typeof QaEvents;
export type QaEventData<T extends QaEventType> = Static<(typeof QaEvents)[T]>;

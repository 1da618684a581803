/** What training-assignment says: triggers, remediation cases, assignments. */
import { type Static, Type } from 'typebox';
import { Evidence } from './qa.ts';
import { BOUNDS, Count, Flag, Id, Label, maybe, Nullable, Score, Shape, Time, Uuid } from './schema.ts';

export const CaseStage = Type.Enum([
  'opened',
  'assigned',
  'in-training',
  'trained',
  're-evaluating',
  'closed',
  'escalated',
  'insufficient-evidence',
  'withdrawn',
]);
export type CaseStage = Static<typeof CaseStage>;
/** In this order, everywhere. */
export const CASE_STAGES: readonly CaseStage[] = [
  'opened',
  'assigned',
  'in-training',
  'trained',
  're-evaluating',
  'closed',
  'escalated',
  'insufficient-evidence',
  'withdrawn',
];
export const OPEN_STAGES: readonly CaseStage[] = ['opened', 'assigned', 'in-training', 'trained', 're-evaluating'];

/** One evaluation that counted towards a trigger, with the proof. */
export const TriggerCall = Shape({
  callId: Uuid('The call'),
  evaluationId: Uuid('The evaluation'),
  callEndedAt: Time('When the call ended'),
  score: Nullable(Score('Score of the competency on this call')),
  questions: Type.Array(
    Shape({
      questionId: Id('Question'),
      value: Type.Enum(['yes', 'no', 'na']),
      evidence: Type.Array(Evidence, { maxItems: 3 }),
    }),
    { maxItems: BOUNDS.questions_max },
  ),
});
export type TriggerCall = Static<typeof TriggerCall>;

export const TriggerRule = Type.Enum(['critical-failure', 'consecutive-fails', 'low-moving-score', 'low-level']);
export type TriggerRule = Static<typeof TriggerRule>;

const who = {
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  competency: Id('What is to be learnt'),
} as const;

const ofCase = { caseId: Uuid('The case'), ...who } as const;

export const Course = Shape({
  id: Id('Course'),
  version: Type.Integer({ minimum: 1 }),
  title: Label('Title'),
  titleZh: maybe(Label('Title in Chinese')),
  minutes: Count('How long it takes', 100_000),
});
export type Course = Static<typeof Course>;

const ofAssignment = {
  ...ofCase,
  assignmentId: Id('`<case id>.<attempt>`'),
  attempt: Type.Integer({ minimum: 1, maximum: 10 }),
  course: Course,
} as const;

export const TrainingEvents = {
  'training.trigger.evaluated': Shape(
    {
      agentId: Id('Our id of the agent'),
      evaluationId: Uuid('The evaluation that was looked at'),
      revision: Type.Integer({ minimum: 1 }),
      callId: Uuid('Its call'),
      policyVersion: Type.Integer({ minimum: 1 }),
      decisions: Type.Array(
        Shape({
          competency: Id('Competency'),
          rule: TriggerRule,
          fired: Flag('A case was opened by this rule'),
          reason: Label(
            'Stable word: fired, below-count, above-threshold, cool-down, case-open, backfill, unassigned, not-answered …',
          ),
          observed: Nullable(
            Type.Number({ description: 'What was measured: fails in a row, moving score, upper bound of the level …' }),
          ),
          threshold: Type.Number({ description: 'What it was compared with' }),
        }),
        { maxItems: 300 },
      ),
    },
    'For one evaluation, why each trigger fired or did not',
  ),
  'training.case.opened': Shape(
    {
      ...ofCase,
      openedAt: Time('Event time: when the call that fired the trigger ended'),
      scoredAt: maybe(Time('When the evaluation that fired the trigger was made')),
      trigger: Shape({
        rule: TriggerRule,
        observed: Type.Number(),
        threshold: Type.Number(),
        policyVersion: Type.Integer({ minimum: 1 }),
        questionId: maybe(Id('The criterion that failed, where the rule is about one')),
        mean: maybe(Score('What the calls scored on average, where the rule is about a level')),
        confidence: maybe(
          Type.Number({ minimum: 0, maximum: 1, description: 'How sure `observed` is as an upper bound' }),
        ),
        calls: Type.Array(TriggerCall, { maxItems: BOUNDS.window_calls_max }),
      }),
      form: Shape({ id: Id('Form'), version: Type.Integer({ minimum: 1 }) }),
    },
    'A remediation case was opened for one agent and one competency',
  ),
  'training.case.cause.withdrawn': Shape(
    {
      ...ofCase,
      evaluationId: Uuid('The evaluation that is void for this agent'),
      callId: Uuid('Its call'),
      reason: Label('As qa.evaluation.withdrawn says'),
      at: Time('When'),
    },
    'A call that may have led to the case was not of this agent, or not to be scored. What nobody has begun is withdrawn',
  ),
  'training.assigned': Shape(
    {
      ...ofAssignment,
      assignedAt: Time('When'),
      caseOpenedAt: maybe(Time('Event time: end of the call that fired the trigger')),
      scoredAt: maybe(Time('When the evaluation that fired the trigger was made')),
      dueAt: Time('Counted from the assignment'),
      retake: maybe(Type.Integer({ minimum: 1, description: 'The same assignment again, because it was not passed' })),
      form: Shape({ id: Id('Form'), version: Type.Integer({ minimum: 1 }) }),
    },
    'A course was assigned',
  ),
  'training.started': Shape({ ...ofAssignment, startedAt: Time('When') }, 'The learner began'),
  'training.completed': Shape(
    {
      ...ofAssignment,
      completedAt: Time('When the learner finished'),
      assignedAt: maybe(Time('When it was assigned; of a retake, again')),
      passed: Flag('The course was passed'),
      score: maybe(Score('Result of its test')),
      sourceId: Id("The learning system's own id of this completion"),
      form: Shape({ id: Id('Form of the re-evaluation'), version: Type.Integer({ minimum: 1 }) }),
      questionId: maybe(Id('The criterion that the case is about, where its rule is about one')),
      caseOpenedAt: Time('For the window before'),
    },
    'The learner finished; passed or not',
  ),
  'training.overdue': Shape({ ...ofAssignment, dueAt: Time('Was due') }, 'Not done in time; a reminder follows'),
  'training.reminded': Shape(
    { ...ofAssignment, dueAt: Time('Was due'), reminder: Type.Integer({ minimum: 1 }) },
    'A reminder',
  ),
  'training.escalated': Shape(
    { ...ofCase, reason: Label('overdue, not-improved, not-passed, no-course'), attempt: Type.Integer({ minimum: 0 }) },
    'To the team leader',
  ),
  'training.case.closed': Shape(
    {
      ...ofCase,
      outcome: Type.Enum(['improved', 'held', 'escalated', 'insufficient-evidence', 'withdrawn'], {
        description: 'improved and held are of the stage closed; held claims no improvement',
      }),
      closedAt: Time('When'),
      openedAt: Time('When it was opened'),
      attempts: Count('Courses assigned', 10),
      difference: Nullable(Type.Number({ description: 'After minus before, points' })),
      interval80: Nullable(Shape({ low: Nullable(Type.Number()), high: Nullable(Type.Number()) })),
    },
    'The case is over',
  ),
  'training.case.stage.changed': Shape(
    {
      ...ofCase,
      from: Nullable(CaseStage),
      to: CaseStage,
      at: Time('When'),
      since: maybe(Time('When it came to `from`')),
    },
    'A case moved; for those who count',
  ),
} as const;

export type TrainingEventType = keyof typeof TrainingEvents;
export type TrainingEventData<T extends TrainingEventType> = Static<(typeof TrainingEvents)[T]>;

/** What a learning system reports; the body of POST /training/v1/assignments/{id}/completions, and of `training.completion.reported`. */
export const CompletionReport = Shape({
  assignmentId: maybe(Id('Required in the event; in the path over HTTP')),
  learner: maybe(Id('Whoever learnt, as the learning system knows them; must be the agent when it is one of our ids')),
  courseId: Id('Must be the course of the assignment'),
  startedAt: maybe(Time('When the learner began')),
  completedAt: Time('When the learner finished'),
  passed: Flag('Passed or not'),
  score: maybe(Score('0–100')),
  sourceId: Id("The learning system's own id of this completion"),
});
export type CompletionReport = Static<typeof CompletionReport>;

export const StartReport = Shape({
  assignmentId: maybe(Id('Required in the event')),
  startedAt: Time('When the learner began'),
  sourceId: Id("The learning system's own id"),
});
export type StartReport = Static<typeof StartReport>;

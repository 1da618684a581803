/** What evaluation says: did the training help? */
import { type Static, Type } from 'typebox';
import { BOUNDS, Count, Flag, Id, Label, maybe, Nullable, Score, Shape, Time, Uuid } from './schema.ts';

export const Sample = Shape({
  n: Count('Calls', BOUNDS.window_calls_max),
  mean: Nullable(Score('Mean of the competency, 0–100')),
  sd: Nullable(Type.Number({ minimum: 0, description: 'Sample standard deviation; null below two calls' })),
  calls: Type.Array(
    Shape({
      callId: Uuid('Call'),
      evaluationId: Uuid('Evaluation'),
      endedAt: Time('End of the call'),
      score: Score('Of the competency'),
      failedCritically: maybe(Flag('A critical question of the competency was answered no; absent: none')),
      missed: maybe(Flag('So was the criterion that the case is about; absent: not')),
    }),
    { maxItems: BOUNDS.window_calls_max },
  ),
});
export type Sample = Static<typeof Sample>;

export const Interval = Shape({ low: Nullable(Type.Number()), high: Nullable(Type.Number()) });

const window = {
  caseId: Uuid('The case'),
  assignmentId: Id('The assignment'),
  attempt: Type.Integer({ minimum: 1, maximum: 10 }),
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  competency: Id('What was learnt'),
  courseId: maybe(Id('The course')),
  form: Shape({ id: Id('Form'), version: Type.Integer({ minimum: 1 }) }),
  policyVersion: maybe(Type.Integer({ minimum: 1, description: 'The policy by which it is judged' })),
} as const;

export const ReEvaluationResult = Shape({
  ...window,
  outcome: Type.Enum(['closed', 'held', 'repeated', 'escalated', 'insufficient-evidence'], {
    description:
      'closed: shown to have improved; held: good before, good after, and what opened the case did not come back',
  }),
  before: Sample,
  after: Sample,
  difference: Nullable(Type.Number({ description: 'Mean after minus mean before, points' })),
  interval80: Nullable(Interval),
  passMark: Score('What the mean after had to reach'),
  decidedAt: Time('Event time of the last call, or the deadline'),
});
export type ReEvaluationResult = Static<typeof ReEvaluationResult>;

export const EvaluationEvents = {
  'evaluation.window.opened': Shape(
    {
      ...window,
      calls: Count('How many calls will be looked at', BOUNDS.window_calls_max),
      after: Time('Calls begun after this'),
      deadlineAt: Time('Then too few calls is the answer'),
      before: Sample,
    },
    'The next calls of the agent are reserved',
  ),
  'evaluation.completed': ReEvaluationResult,
} as const;
export type EvaluationEventType = keyof typeof EvaluationEvents;
export type EvaluationEventData<T extends EvaluationEventType> = Static<(typeof EvaluationEvents)[T]>;

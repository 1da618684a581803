/** What goes in and out of the routes. */
import { EvaluationResult, Id, Label, maybe, Nullable, Score, Shape, Time, Uuid } from '@coachloop/contracts';
import { Type } from 'typebox';

export const EvaluationQuery = Type.Object(
  {
    agentId: maybe(Id('Our id of the agent, or `unassigned`')),
    callId: maybe(Uuid('Our id of the call')),
    from: maybe(Time('Calls that ended at or after this')),
    to: maybe(Time('Calls that ended before this')),
    passed: maybe(Type.Enum(['yes', 'no', 'none'], { description: 'none: nothing was answerable' })),
    order: maybe(Type.Enum(['asc', 'desc'], { description: 'By the end of the call; default desc' })),
    limit: maybe(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 50' })),
    cursor: maybe(Type.String({ maxLength: 2_000, description: '`next` of the page before' })),
  },
  { additionalProperties: false },
);

export const EvaluationPage = Shape({
  items: Type.Array(EvaluationResult),
  next: maybe(Type.String({ description: 'Cursor of the next page; absent on the last' })),
});

export const EvaluationDetail = Shape({
  evaluation: EvaluationResult,
  superseded: Type.Array(
    Shape({
      revision: Type.Integer(),
      callRevision: Type.Integer(),
      form: Shape({ id: Id('Form'), version: Type.Integer() }),
      score: Nullable(Score('As it was')),
      passed: Nullable(Type.Boolean()),
    }),
    { description: 'Earlier results, newest first, at most 10' },
  ),
});

const Title = Shape({ en: Label('English'), zh: Label('Chinese') });
export const ScorecardSummary = Shape({
  id: Id('Form'),
  version: Type.Integer({ minimum: 1 }),
  title: Title,
  languages: Type.Array(Type.String()),
  channels: Type.Array(Type.String()),
  passMark: Score('Calls at or above it pass'),
  questions: Type.Integer({ description: 'How many' }),
  competencies: Type.Array(Id('Competency')),
});
export const ScorecardList = Shape({ items: Type.Array(ScorecardSummary) });
export const ScorecardParams = Type.Object({
  id: Id('Form'),
  version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
});
/** The form as it was written, with the shared phrase sets filled in. */
export const Scorecard = Shape({ ...ScorecardSummary.properties, sections: Type.Array(Type.Unknown()) });

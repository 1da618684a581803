/** Rows of the lists. */
import { Count, Criterion, HourSeries, Id, Label, maybe, Nullable, Shape, Time } from '@coachloop/contracts';
import { Type } from 'typebox';

const Value = Nullable(Type.Number({ description: 'Null: unknown' }));

export const AgentRow = Shape({
  agentId: Id('Our id of the agent'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  latestCallAt: Nullable(Time('End of the newest call that was scored')),
  evaluations: Count('In the newest 14 days with calls of this agent'),
  meanScore: Value,
  passRate: Value,
  all: Shape({ evaluations: Count('Since the first event'), meanScore: Value, passRate: Value }),
  openCases: Type.Integer({ description: 'Now' }),
  weakest: Type.Array(Criterion, { maxItems: 3, description: 'Since the first event' }),
});

export const AgentPage = Type.Object({ items: Type.Array(AgentRow), next: maybe(Type.String()) });

export const AgentView = Shape({
  ...AgentRow.properties,
  criteria: Type.Array(Criterion, { description: 'Weakest first' }),
  competencies: Type.Array(Shape({ competency: Id('Competency'), mean: Value, n: Count('Evaluations') })),
});

export const CriteriaView = Shape({
  window: Type.Enum(['week', 'all']),
  items: Type.Array(Criterion, { description: 'Weakest first' }),
});

export const SeriesView = Shape({ hours: HourSeries }, 'The last 14 days');

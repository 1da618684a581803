/** Who gets what: rules as data. A rule is about one event type, holds under conditions, and names people and a text. */
import { UNASSIGNED_AGENT } from '@coachloop/contracts';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Path = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9]*(\\.[A-Za-z][A-Za-z0-9]*)*$',
  maxLength: 100,
  description: "Field of the event's data, e.g. course.title",
});

export const Condition = Type.Union([
  Type.Object(
    { field: Path, in: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])) },
    closed,
  ),
  Type.Object({ field: Path, notEmpty: Type.Literal(true) }, closed),
  Type.Object(
    {
      field: Path,
      withinDays: Type.Number({ minimum: 0, maximum: 3_660, description: 'At most so long before the event' }),
      unless: Type.Optional(Path),
    },
    closed,
  ),
]);
export type Condition = Static<typeof Condition>;

export const RuleSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]+$', maxLength: 100 }),
    on: Type.String({ maxLength: 100, description: 'Event type' }),
    when: Type.Optional(Type.Array(Condition, { maxItems: 10, description: 'All must hold' })),
    to: Type.Array(Type.String({ pattern: '^(agent|role:[a-z0-9-]+)$', maxLength: 100 }), {
      minItems: 1,
      maxItems: 10,
    }),
    template: Type.String({ maxLength: 100 }),
  },
  closed,
);
export type Rule = Static<typeof RuleSchema>;

export const RulesSchema = Type.Object(
  { version: Type.Integer({ minimum: 1 }), rules: Type.Array(RuleSchema, { maxItems: 200 }) },
  closed,
);

/** What a rule may look at. */
export interface Happened {
  readonly type: string;
  /** Event time, ms. */
  readonly time: number;
  readonly data: unknown;
}

export interface Told {
  readonly rule: Rule;
  /** Agent id, or `role:<name>`. */
  readonly person: string;
}

export function fieldOf(data: unknown, path: string): unknown {
  let value = data;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

const DAY_MS = 86_400_000;

/** Age is measured against the event's own time, so that handling it again, whenever that is, tells the same people. */
function holds(condition: Condition, { data, time }: Happened): boolean {
  const value = fieldOf(data, condition.field);
  if ('in' in condition) return condition.in.some((allowed) => allowed === value);
  if ('notEmpty' in condition) return Array.isArray(value) ? value.length > 0 : Boolean(value);
  if (condition.unless !== undefined && fieldOf(data, condition.unless) === true) return true;
  return typeof value === 'string' && time - Date.parse(value) <= condition.withinDays * DAY_MS;
}

/** Whom an event concerns, in the order of the rules; nobody is told of calls that belong to nobody. */
export function toldOf(rules: readonly Rule[], event: Happened): readonly Told[] {
  return rules.flatMap((rule) => {
    if (rule.on !== event.type || !(rule.when ?? []).every((condition) => holds(condition, event))) return [];
    return rule.to.flatMap((to) => {
      const person = to === 'agent' ? fieldOf(event.data, 'agentId') : to;
      return typeof person === 'string' && person !== UNASSIGNED_AGENT ? [{ rule, person }] : [];
    });
  });
}

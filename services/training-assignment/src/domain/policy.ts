/** Shapes of the policy and the catalogue. Both are data of a site; reading and checking their files happens outside `domain/`. */
import { BOUNDS, Course } from '@coachloop/contracts';
import { type Static, Type } from 'typebox';
import { CONFIDENCES } from './bound.ts';

const closed = { additionalProperties: false } as const;
const Days = (minimum: number) => Type.Number({ minimum, maximum: 366 });
const Calls = Type.Integer({ minimum: 1, maximum: BOUNDS.window_calls_max });

export const PolicySchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    windowCalls: Calls,
    rules: Type.Object(
      {
        'critical-failure': Type.Object({ enabled: Type.Boolean(), fails: Calls, calls: Calls }, closed),
        'consecutive-fails': Type.Object({ enabled: Type.Boolean(), fails: Calls }, closed),
        'low-moving-score': Type.Object(
          {
            enabled: Type.Boolean(),
            below: Type.Number({ minimum: 0, maximum: 100 }),
            calls: Calls,
            minCalls: Calls,
          },
          closed,
        ),
        // Absent: disabled, as in a policy that was written before this rule was there.
        'low-level': Type.Optional(
          Type.Object(
            {
              enabled: Type.Boolean(),
              below: Type.Number({ minimum: 0, maximum: 100 }),
              confidence: Type.Enum([...CONFIDENCES]),
              calls: Calls,
              minCalls: Calls,
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    coolDownDays: Days(0),
    backfillAgeDays: Days(0),
    dueDays: Days(0.01),
    overdue: Type.Object(
      { reminders: Type.Integer({ minimum: 0, maximum: 20 }), everyDays: Days(0.01), endAfterDays: Days(0.01) },
      closed,
    ),
    retakes: Type.Integer({ minimum: 0, maximum: 5 }),
    repeats: Type.Integer({ minimum: 0, maximum: 9 }),
  },
  closed,
);
export type Policy = Static<typeof PolicySchema>;

export const CatalogueCourse = Type.Object(
  { ...Course.properties, kind: Type.Enum(['theory', 'case', 'practice', 'stress-test']) },
  closed,
);
export type CatalogueCourse = Static<typeof CatalogueCourse>;

export const CatalogueSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    competencies: Type.Array(
      Type.Object(
        {
          competency: Type.String({ minLength: 1, maxLength: BOUNDS.id_chars_max }),
          courses: Type.Array(CatalogueCourse, { minItems: 1, maxItems: 20 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: BOUNDS.questions_max },
    ),
  },
  closed,
);
export type Catalogue = Static<typeof CatalogueSchema>;

/** What a file can say that is of the right shape and yet makes no sense; null: nothing. */
export function policyContradiction(policy: Policy): { pointer: string; message: string } | null {
  const { rules, windowCalls } = policy;
  const moving = rules['low-moving-score'];
  if (moving.minCalls > moving.calls)
    return { pointer: '/rules/low-moving-score/minCalls', message: 'must not be above calls' };
  const level = rules['low-level'];
  if (level && level.minCalls > level.calls)
    return { pointer: '/rules/low-level/minCalls', message: 'must not be above calls' };
  if (rules['critical-failure'].fails > rules['critical-failure'].calls)
    return { pointer: '/rules/critical-failure/fails', message: 'must not be above calls' };
  const needed = Math.max(
    moving.calls,
    rules['consecutive-fails'].fails,
    rules['critical-failure'].calls,
    level?.calls ?? 0,
  );
  if (needed > windowCalls)
    return { pointer: '/windowCalls', message: `must be at least ${needed}: a rule looks back so far` };
  return null;
}

/** Attempt 1 takes the first course, and so on; past the end the last one again. */
export function courseFor(catalogue: Catalogue, competency: string, attempt: number): Course | undefined {
  const courses = catalogue.competencies.find((c) => c.competency === competency)?.courses;
  const found = courses?.[Math.min(attempt, courses.length) - 1];
  if (!found) return undefined;
  const { kind: _kind, ...course } = found;
  return course;
}

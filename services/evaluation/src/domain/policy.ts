/** Shape of the policy: data of a site. Reading and checking its file happens outside `domain/`. */
import { BOUNDS } from '@coachloop/contracts';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Calls = (minimum: number) => Type.Integer({ minimum, maximum: BOUNDS.window_calls_max });

export const PolicySchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    calls: Calls(1),
    deadlineDays: Type.Number({ minimum: 0.01, maximum: 366 }),
    passMark: Type.Number({ minimum: 0, maximum: 100 }),
    closeHeld: Type.Optional(Type.Boolean()),
    before: Type.Object({ calls: Calls(2), minCalls: Calls(2) }, closed),
    repeats: Type.Integer({ minimum: 0, maximum: 9 }),
    keepCalls: Type.Integer({ minimum: 3, maximum: 100 }),
  },
  closed,
);
export type Policy = Static<typeof PolicySchema>;

/** What a file can say that is of the right shape and yet makes no sense; null: nothing. */
export function policyContradiction(policy: Policy): { pointer: string; message: string } | null {
  if (policy.before.minCalls > policy.before.calls)
    return { pointer: '/before/minCalls', message: 'must not be above before.calls' };
  const needed = policy.before.calls + policy.calls;
  if (policy.keepCalls < needed)
    return { pointer: '/keepCalls', message: `must be at least ${needed}: before.calls and calls together` };
  return null;
}

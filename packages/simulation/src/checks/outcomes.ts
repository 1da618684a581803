/** How cases ended, against the figures that they were decided on. */
import { canonical } from '@coachloop/runtime';
import type { World } from '../world.ts';
import { allOf } from './stored.ts';

const ENDS: Readonly<Record<string, string>> = {
  improved: 'closed',
  held: 'closed',
  escalated: 'escalated',
  'insufficient-evidence': 'insufficient-evidence',
  withdrawn: 'withdrawn',
};

/** Figures are told to the hundredth, and decided on unrounded. */
const ROUNDED = 0.005;

interface CaseEnd {
  readonly caseId: string;
  readonly stage: string | null;
  readonly outcome: string | null;
  readonly reEvaluations: readonly {
    readonly outcome: string | null;
    readonly passMark: number;
    readonly before: { readonly mean: number | null };
    readonly after: { readonly mean: number | null; readonly calls: readonly { readonly missed?: boolean }[] };
    readonly interval80: { readonly low: number } | null;
  }[];
}

/** A case ends as its last re-evaluation says, and that follows from its figures. */
export async function checkOutcomes(world: World): Promise<string[]> {
  const bad: string[] = [];
  for (const { body } of await allOf(world, 'cases')) {
    const { caseId, stage, outcome, reEvaluations } = body.state as unknown as CaseEnd;
    if (stage === null || outcome === null) continue;
    if (ENDS[outcome] !== stage) bad.push(`outcome: ${caseId} is ${stage} with the outcome ${outcome}`);
    const last = reEvaluations.at(-1);
    if (stage !== 'closed') continue;
    const { before, after, passMark, interval80 } = last ?? {};
    const mark = (passMark ?? 0) - ROUNDED;
    const isGood = (after?.mean ?? 0) >= mark;
    const rose = (interval80?.low ?? 0) > -ROUNDED;
    const missed = after?.calls.filter((call) => call.missed).length ?? 0;
    const kept = (before?.mean ?? 0) >= mark && !((interval80?.low ?? 0) > ROUNDED) && missed === 0;
    if (
      outcome === 'improved'
        ? last?.outcome !== 'closed' || !isGood || !rose
        : last?.outcome !== 'held' || !isGood || !kept
    )
      bad.push(`outcome: ${caseId} is ${outcome} by ${canonical(last ?? null)}`);
  }
  return bad;
}

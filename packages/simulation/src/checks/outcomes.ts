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

export interface CaseEnd {
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
    const end = body.state as unknown as CaseEnd;
    const { caseId, stage, outcome, reEvaluations } = end;
    if (stage === null || outcome === null) continue;
    if (ENDS[outcome] !== stage) bad.push(`outcome: ${caseId} is ${stage} with the outcome ${outcome}`);
    if (stage === 'closed' && !isBorneOut(end))
      bad.push(`outcome: ${caseId} is ${outcome} by ${canonical(reEvaluations.at(-1) ?? null)}`);
  }
  return bad;
}

/** Of a case that was closed. Without an interval nothing is known: neither that somebody improved, nor that they held it. */
export function isBorneOut({ outcome, reEvaluations }: Pick<CaseEnd, 'outcome' | 'reEvaluations'>): boolean {
  const last = reEvaluations.at(-1);
  if (last === undefined || last.interval80 === null) return false;
  const { before, after, passMark, interval80 } = last;
  const mark = passMark - ROUNDED;
  const isGood = (after.mean ?? 0) >= mark;
  if (outcome === 'improved') return last.outcome === 'closed' && isGood && interval80.low > -ROUNDED;
  const missed = after.calls.filter((call) => call.missed).length;
  const kept = (before.mean ?? 0) >= mark && interval80.low <= ROUNDED && missed === 0;
  return last.outcome === 'held' && isGood && kept;
}

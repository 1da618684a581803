/**
 * The aggregate `effects` (id = competency and partition): running sums of what the trainings changed. A share per
 * partition, merged when read, so that partitions never wait for one document. Differences are summed in whole hundredths of
 * a point: the sums do not depend on the order.
 */
import { type Decision, documentIdOf, type Message, type ReEvaluationResult } from '@coachloop/contracts';
import { hundredths, meanIntervalOf, rounded } from './statistics.ts';

type Outcome = ReEvaluationResult['outcome'];
type Outcomes = Readonly<Record<Outcome, number>>;

export interface EffectShare {
  readonly competency?: string;
  /** Shares that were made before there was `held` have none. */
  readonly outcomes: Omit<Outcomes, 'held'> & { readonly held?: number };
  /** Over results that have a difference. */
  readonly n: number;
  /** Hundredths of a point. */
  readonly sum: number;
  /** Hundredths of a point, squared. */
  readonly squares: number;
}

export const NO_OUTCOMES: Outcomes = {
  closed: 0,
  held: 0,
  repeated: 0,
  escalated: 0,
  'insufficient-evidence': 0,
};
export const newShare = (): EffectShare => ({ outcomes: NO_OUTCOMES, n: 0, sum: 0, squares: 0 });
export const shareIdOf = (competency: string, partition: number): string =>
  documentIdOf('effects', competency, partition);

export function handleEffect(state: EffectShare, message: Message): Decision<EffectShare> {
  if (message.type !== 'evaluation.completed') return { state, events: [], wakeAt: null };
  const data = message.data as ReEvaluationResult; // checked against its contract when it was read
  const known = { ...NO_OUTCOMES, ...state.outcomes };
  const outcomes = { ...known, [data.outcome]: known[data.outcome] + 1 };
  const counted = { ...state, competency: data.competency, outcomes };
  if (data.difference === null) return { state: counted, events: [], wakeAt: null };
  const d = hundredths(data.difference);
  const next = { ...counted, n: state.n + 1, sum: state.sum + d, squares: state.squares + d * d };
  return { state: next, events: [], wakeAt: null };
}

export interface Effect {
  readonly competency: string;
  readonly outcomes: Outcomes;
  readonly differences: number;
  readonly meanDifference: number | null;
  readonly interval80: { readonly low: number; readonly high: number } | null;
}

/** Merges the shares of each competency; by competency in code units. */
export function mergeEffects(shares: readonly EffectShare[]): readonly Effect[] {
  const merged = new Map<string, EffectShare>();
  for (const share of shares) {
    if (share.competency === undefined) continue;
    const known = merged.get(share.competency) ?? newShare();
    merged.set(share.competency, {
      competency: share.competency,
      outcomes: {
        closed: known.outcomes.closed + share.outcomes.closed,
        held: (known.outcomes.held ?? 0) + (share.outcomes.held ?? 0),
        repeated: known.outcomes.repeated + share.outcomes.repeated,
        escalated: known.outcomes.escalated + share.outcomes.escalated,
        'insufficient-evidence': known.outcomes['insufficient-evidence'] + share.outcomes['insufficient-evidence'],
      },
      n: known.n + share.n,
      sum: known.sum + share.sum,
      squares: known.squares + share.squares,
    });
  }
  return [...merged.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([competency, { outcomes, n, sum, squares }]) => {
      const { mean, interval80 } = meanIntervalOf(n, sum, squares);
      return {
        competency,
        outcomes: { ...NO_OUTCOMES, ...outcomes },
        differences: n,
        meanDifference: mean === null ? null : rounded(mean / 100),
        interval80: interval80 && { low: rounded(interval80.low / 100), high: rounded(interval80.high / 100) },
      };
    });
}

/** Which cases moved last, from what the page saw and from what it loaded. */
import type { FeedItem } from '@coachloop/contracts';
import type { CaseSummary } from '../data/types.ts';

export const SHOWN_MAX = 10;

export interface Move {
  readonly caseId: string;
  readonly agentId: string;
  readonly agentName?: string;
  readonly competency: string;
  readonly stage: string;
  readonly at: string;
}

export function movesOf(events: readonly FeedItem[], cases: readonly CaseSummary[]): readonly Move[] {
  const moves = new Map<string, Move>();
  for (const { type, caseId, agentId, agentName, competency, stage, at } of events)
    if (type === 'training.case.stage.changed' && caseId && agentId && competency && stage && !moves.has(caseId))
      moves.set(caseId, { caseId, agentId, competency, stage, at, ...(agentName === undefined ? {} : { agentName }) });
  // What was loaded may be older than what came since, or newer than what was missed.
  for (const found of cases) {
    const seen = moves.get(found.caseId);
    if (!seen || Date.parse(found.movedAt) > Date.parse(seen.at))
      moves.set(found.caseId, { ...found, at: found.movedAt });
  }
  return [...moves.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, SHOWN_MAX);
}

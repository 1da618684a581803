/** Cases as the log tells them and as the API shows them: the same, and legal. */
import { MOVES } from '@coachloop/simulation/moves';
import type { Client } from '../load/client.ts';
import type { Books, Moved } from './books.ts';

export interface CaseShown {
  readonly caseId: string;
  readonly stage: string;
  readonly open: boolean;
  readonly agentId: string;
  readonly competency: string;
}

/** While the platform still runs. */
export const casesOf = (client: Client): Promise<readonly CaseShown[]> =>
  client.all<CaseShown>('/training/v1/cases?limit=100');

export function checkCases(cases: readonly CaseShown[], books: Books): void {
  const shown = new Map(cases.map((each) => [each.caseId, each]));
  for (const [caseId, moves] of books.moves) {
    const last = follow(caseId, moves, books);
    const found = shown.get(caseId);
    if (!found) books.wrong(`case: ${caseId} is in the log, and not there`);
    else if (found.stage !== last)
      books.wrong(`case: ${caseId} is shown as ${found.stage}, and the log ends at ${last}`);
    else if (found.open !== last in MOVES) books.wrong(`case: ${caseId} is ${last}, open: ${found.open}`);
  }
  for (const { caseId } of cases)
    if (!books.moves.has(caseId)) books.wrong(`case: ${caseId} is shown, and not in the log`);
}

/** Of those that were shown at one moment: an agent has at most one open case for a competency. */
export function checkOpen(cases: readonly CaseShown[], books: Books): void {
  const open = new Set<string>();
  for (const { agentId, competency, open: isOpen } of cases) {
    const name = `${agentId} ${competency}`;
    if (isOpen && open.has(name)) books.wrong(`case: there are two open ones for ${name}`);
    if (isOpen) open.add(name);
  }
}

/** Where it ends. */
function follow(caseId: string, moves: readonly Moved[], books: Books): string {
  let at: string | null = null;
  for (const { from, to } of moves) {
    const isLegal = from === null ? to === 'opened' : MOVES[from]?.split(' ').includes(to) === true;
    if (from !== at || !isLegal) books.wrong(`case: ${caseId} moved from ${from} to ${to} when it was ${at}`);
    at = to;
  }
  return at ?? 'nowhere';
}

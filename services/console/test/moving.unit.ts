import type { FeedItem } from '@coachloop/contracts';
import { expect, it } from 'vitest';
import type { CaseSummary } from '../web/data/types.ts';
import { movesOf } from '../web/wall/moves.ts';

const at = (minute: number): string => `2026-01-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
const moved = (caseId: string, stage: string, minute: number): FeedItem => ({
  ...{ id: `${caseId}-${minute}`, type: 'training.case.stage.changed', at: at(minute) },
  ...{ agentId: 'a', caseId, competency: 'c', stage },
});
const summary = (caseId: string, stage: CaseSummary['stage'], opened: number, minute: number): CaseSummary => ({
  ...{ caseId, stage, open: true, agentId: 'a', competency: 'c', rule: 'low-level', attempts: 1 },
  ...{ openedAt: at(opened), movedAt: at(minute), dueAt: null, outcome: null, closedAt: null },
});
const told = (...args: Parameters<typeof movesOf>) => movesOf(...args).map(({ caseId, stage }) => `${caseId} ${stage}`);

it('cases are ordered by when they moved, whether the page saw it or not', () => {
  const cases = [
    summary('old', 'trained', 1, 40),
    summary('new', 'assigned', 20, 20),
    summary('seen', 'assigned', 2, 5),
  ];
  expect(told([moved('seen', 'in-training', 30)], cases)).toEqual(['old trained', 'seen in-training', 'new assigned']);
});

it('what was loaded after a gap of the stream is newer than what was seen before it', () => {
  expect(told([moved('x', 'assigned', 3)], [summary('x', 'closed', 1, 9)])).toEqual(['x closed']);
});

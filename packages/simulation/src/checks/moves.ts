/** The legal moves of a case, from the table of its state machine, restated: who judges must not share the code that is judged. */
export const MOVES: Readonly<Record<string, string>> = {
  opened: 'assigned escalated',
  assigned: 'in-training trained escalated withdrawn',
  'in-training': 'assigned trained escalated',
  trained: 're-evaluating assigned closed escalated insufficient-evidence',
  're-evaluating': 'assigned closed escalated insufficient-evidence',
};

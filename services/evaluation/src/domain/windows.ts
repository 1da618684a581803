/** The aggregate `windows` (id = assignment id): one re-evaluation for reading, fed by this service's own events. */
import type { Decision, EvaluationEventData, Message, ReEvaluationResult } from '@coachloop/contracts';

type Opened = EvaluationEventData<'evaluation.window.opened'>;

export interface WindowRecord {
  readonly assignmentId: string;
  readonly caseId?: string;
  readonly attempt?: number;
  readonly agentId?: string;
  readonly competency?: string;
  readonly opened: Opened | null;
  readonly result: ReEvaluationResult | null;
}

export const newWindow = (assignmentId: string): WindowRecord => ({ assignmentId, opened: null, result: null });

export function handleWindow(state: WindowRecord, message: Message): Decision<WindowRecord> {
  const unchanged = { state, events: [], wakeAt: null };
  if (message.type !== 'evaluation.window.opened' && message.type !== 'evaluation.completed') return unchanged;
  const data = message.data as Opened | ReEvaluationResult; // checked against its contract when it was read
  const { caseId, attempt, agentId, competency } = data;
  const known = { ...state, caseId, attempt, agentId, competency };
  const next: WindowRecord = 'outcome' in data ? { ...known, result: data } : { ...known, opened: data };
  return { state: next, events: [], wakeAt: null };
}

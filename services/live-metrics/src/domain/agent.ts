/**
 * The aggregate `live-agents`: one document per agent, so that no number of agents is too many. Sums like those of the shares;
 * an evaluation that moved to another agent is taken back from the one and counted for the other.
 */
import {
  type CaseStage,
  type Decision,
  type EvaluationResult,
  type Message,
  OPEN_STAGES,
  type QaEventData,
  type TrainingEventData,
} from '@coachloop/contracts';
import { add, type Bag, EMPTY, withinNames } from './bag.ts';
import type { Counted } from './counts.ts';
import { takenBack } from './counts-call.ts';
import { evaluationCounts } from './counts-qa.ts';
import { count, meanOf } from './readings.ts';
import { addAt, DAYS, type Ring, total } from './ring.ts';

export interface AgentFigures {
  readonly agentId: string;
  /** As said last, by the end of the call. */
  readonly agentKey?: string;
  readonly agentName?: string;
  readonly latestMs: number | null;
  readonly sums: Bag;
  readonly days: Ring;
  /** Per question and competency. */
  readonly named: Bag;
  readonly openCases: number;
  /** Of the newest 14 days in which there was a call of this agent; for the index. */
  readonly meanScore: number | null;
}

export const newAgent = (agentId: string): AgentFigures => ({
  agentId,
  latestMs: null,
  sums: EMPTY,
  days: {},
  named: EMPTY,
  openCases: 0,
  meanScore: null,
});

export function handleAgent(state: AgentFigures, message: Message): Decision<AgentFigures> {
  const next = message.type.startsWith('qa.')
    ? evaluated(state, message.type, message.data as QaEventData<'qa.evaluation.revised'>)
    : caseMoved(state, message.data as TrainingEventData<'training.case.stage.changed'>);
  return { state: next, events: [], wakeAt: null };
}

/** Of a withdrawn result only `replaces` is looked at. */
function evaluated(state: AgentFigures, type: string, data: QaEventData<'qa.evaluation.revised'>): AgentFigures {
  const { replaces } = data;
  // The first result stands where its producer does not say what is replaced.
  const counts = type === 'qa.evaluation.completed' || (type === 'qa.evaluation.revised' && replaces !== undefined);
  const parts: Counted[] = [];
  if (counts && data.agentId === state.agentId) parts.push(evaluationCounts(data));
  if (replaces?.agentId === state.agentId) parts.push(takenBack(evaluationCounts(replaces)));
  const named = data.agentId === state.agentId && type !== 'qa.evaluation.withdrawn' ? withName(state, data) : state;
  const counted = parts.reduce(addCounted, named);
  return { ...counted, meanScore: meanOf(total(counted.days), 'score').value };
}

const addCounted = (state: AgentFigures, { atMs, sums, named = EMPTY }: Counted): AgentFigures => ({
  ...state,
  sums: add(state.sums, sums),
  // The newest days of this agent, whenever they were.
  days: addAt(state.days, DAYS, atMs, sums, Number.POSITIVE_INFINITY),
  named: add(state.named, withinNames(state.named, ofTheAgent(named))),
});

/** Queues are the centre's. */
const ofTheAgent = (named: Bag): Bag =>
  Object.fromEntries(Object.entries(named).filter(([name]) => !name.startsWith('queue|')));

function withName(state: AgentFigures, { callEndedAt, agentKey, agentName }: EvaluationResult): AgentFigures {
  const endedMs = Date.parse(callEndedAt);
  if (state.latestMs !== null && endedMs < state.latestMs) return state;
  return {
    ...state,
    latestMs: endedMs,
    ...(agentKey === undefined ? {} : { agentKey }),
    ...(agentName === undefined ? {} : { agentName }),
  };
}

const isOpen = (stage: CaseStage | null): number => (stage !== null && OPEN_STAGES.includes(stage) ? 1 : 0);

const caseMoved = (
  state: AgentFigures,
  { from, to, agentKey, agentName }: TrainingEventData<'training.case.stage.changed'>,
): AgentFigures => ({
  ...state,
  ...(state.agentKey !== undefined || agentKey === undefined ? {} : { agentKey }),
  ...(state.agentName !== undefined || agentName === undefined ? {} : { agentName }),
  openCases: state.openCases + isOpen(to) - isOpen(from),
});

/** Of the same 14 days as `meanScore`. */
export function recentOf(state: AgentFigures) {
  const bag = total(state.days);
  return { evaluations: count(bag, 'evaluations'), meanScore: meanOf(bag, 'score') };
}

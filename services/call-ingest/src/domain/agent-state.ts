/** The AgentState aggregate: what the platform says an agent is doing. The latest by event time wins. */
import {
  type AgentStateIntake,
  agentIdOf,
  type CallEventData,
  type Decision,
  DomainError,
  type Message,
} from '@coachloop/contracts';
import type { Static } from 'typebox';
import { checkTime, timeOf } from './intake.ts';

type AgentStateData = Static<typeof AgentStateIntake>;

export interface AgentState {
  readonly agentId: string;
  readonly current: {
    readonly state: AgentStateData['state'];
    readonly at: number;
    readonly time: number;
    readonly id: string;
  } | null;
}

export const initialAgentState = (agentId: string): AgentState => ({ agentId, current: null });

/** An older statement that arrives late, and one that repeats the state, change nothing for anybody. */
export function handleAgentState(state: AgentState, message: Message, now: number): Decision<AgentState> {
  if (message.kind === 'timer') return { state, events: [], wakeAt: null };
  const data = message.data as AgentStateData;
  if (data.agentId.trim() === '')
    throw new DomainError('AGENT_ID_BLANK', 'agentId is blank, so that nobody can be meant.', 422, '/agentId');
  const time = checkTime(message.time, now, '');
  const at = data.at === undefined ? time : timeOf(data.at, now, '/at');
  const next = { state: data.state, at, time, id: message.id };
  const { current } = state;
  if (current && !isLater(next, current)) return { state, events: [], wakeAt: null };
  const changed: CallEventData<'agent.state.changed'> = {
    agentId: agentIdOf(message.source, data.agentId),
    agentKey: data.agentId.trim(),
    ...(data.agentName === undefined ? {} : { agentName: data.agentName }),
    from: current?.state ?? null,
    to: data.state,
    at: new Date(at).toISOString(),
  };
  const events =
    current?.state === data.state
      ? []
      : [{ type: 'agent.state.changed', key: state.agentId, subject: state.agentId, time: at, data: changed }];
  return { state: { ...state, current: next }, events, wakeAt: null };
}

type Moment = NonNullable<AgentState['current']>;

const isLater = (a: Moment, b: Moment): boolean =>
  a.at !== b.at ? a.at > b.at : a.time !== b.time ? a.time > b.time : a.id > b.id;

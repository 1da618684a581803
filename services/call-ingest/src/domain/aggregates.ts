/** Which aggregates there are, and how an intake event finds its own. */
import { AgentStateIntake, agentIdOf, CallIntake, callIdOf } from '@coachloop/contracts';
import { type AgentState, handleAgentState, initialAgentState } from './agent-state.ts';
import { type CallOptions, type CallState, handleCall, initialCall } from './call.ts';
import { recordOf } from './record.ts';

export const CALLS = 'calls';
export const AGENT_STATES = 'agent-states';
export const AGENT_STATE_CHANGED = 'agent.state.changed';

/** Event type → schema of its data, for everything on `call-intake`. */
export const INTAKE_SCHEMAS = { ...CallIntake, [AGENT_STATE_CHANGED]: AgentStateIntake } as const;
export type IntakeType = keyof typeof INTAKE_SCHEMAS;
export const isIntakeType = (type: string): type is IntakeType => Object.hasOwn(INTAKE_SCHEMAS, type);

/** The aggregate an event is for, and the platform's id that keys it on the bus. */
export interface Destination {
  readonly collection: string;
  readonly id: string;
  readonly platformKey: string;
}

/** `data` fits the schema of `type`. */
export function destinationOf(source: string, type: IntakeType, data: unknown): Destination {
  const field = type === AGENT_STATE_CHANGED ? 'agentId' : 'callId';
  const platformKey = String((data as Readonly<Record<string, unknown>>)[field]);
  return type === AGENT_STATE_CHANGED
    ? { collection: AGENT_STATES, id: agentIdOf(source, platformKey), platformKey }
    : { collection: CALLS, id: callIdOf(source, platformKey), platformKey };
}

export const callAggregate = (options: CallOptions) => ({
  collection: CALLS,
  schema: 1,
  oneMatter: true as const,
  indexes: [
    { name: 'started', fields: ['state.startedAtMs'] },
    { name: 'stage', fields: ['state.stage', 'state.startedAtMs'] },
    { name: 'agent', fields: ['state.agentId', 'state.startedAtMs'] },
    { name: 'agent-stage', fields: ['state.agentId', 'state.stage', 'state.startedAtMs'] },
  ],
  initial: initialCall,
  handle: (state: CallState, ...rest: [Parameters<typeof handleCall>[1], number]) =>
    handleCall(state, ...rest, options),
  /** What was heard, by whichever way and in how many revisions. Hashes of customers depend on the installation's key. */
  digest: (state: CallState): unknown => {
    const { revision: _, customerHash: __, ...record } = recordOf(state, state.facts, 0);
    return record;
  },
});

export const agentStateAggregate = {
  collection: AGENT_STATES,
  schema: 1,
  initial: initialAgentState,
  handle: (state: AgentState, ...rest: [Parameters<typeof handleAgentState>[1], number]) =>
    handleAgentState(state, ...rest),
};

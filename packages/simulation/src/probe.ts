/**
 * A service of the simulation's own, beside the real ones, for what those do seldom or never: it says several things at once, on two topics
 * and under changing keys, deletes documents and makes them again, sets many timers, and has commands whose repetition would show.
 */
import { documentIdOf, type Emit, type Message } from '@coachloop/contracts';
import { aggregate, type Router, type ServiceDefinition } from '@coachloop/runtime';
import { hashOf } from './random.ts';

export const NOTE_COMMAND = 'probe.note';

export interface ProbeAgent {
  readonly agentId: string;
  readonly heard: number;
}
export interface ProbeFinal {
  readonly heard: number;
}

const at = (ms: number): string => new Date(ms).toISOString();

/** Everything follows from the document and the message, so that it is the same in every run. */
function outputs(agentId: string, message: Message, count: number): Emit[] {
  return Array.from({ length: count }, (_, i): Emit => {
    const h = hashOf(`${agentId}|${message.id}|${i}`);
    const key = h % 4 === 0 ? `${agentId}~moved` : agentId;
    if (h % 3 === 0)
      return {
        type: 'agent.state.changed',
        key,
        data: { agentId, agentKey: agentId, from: null, to: `probe-${h % 7}`, at: at(message.time) },
      };
    return {
      type: 'notification.created',
      key,
      data: {
        notificationId: documentIdOf('probe', agentId, message.id, i),
        to: agentId,
        agentId,
        template: 'probe',
        at: at(message.time),
        texts: [],
      },
    };
  });
}

const WAKE_MS_MAX = 12 * 3_600_000;

function handleAgent(state: ProbeAgent, message: Message, now: number) {
  const h = hashOf(`${state.agentId}|${message.id}`);
  const heard = state.heard + 1;
  if (message.kind === 'event' && h % 11 === 0)
    return { state: null, events: outputs(state.agentId, message, 1 + (h % 2)), wakeAt: null };
  const count = message.kind === 'event' ? ([0, 1, 1, 2, 3][h % 5] ?? 0) : 1;
  const wakeAt = message.kind !== 'timer' && (h >>> 4) % 3 === 0 ? now + ((h >>> 6) % WAKE_MS_MAX) : null;
  return {
    state: { ...state, heard },
    events: outputs(state.agentId, message, count),
    wakeAt,
    ...(message.kind === 'command' ? { reply: { heard } } : {}),
  };
}

const toAgent: Router = (event) => [{ collection: 'probe-agents', id: (event.data as { agentId: string }).agentId }];
const toFinal: Router = (event) => [
  { collection: 'probe-finals', id: `final-${hashOf((event.data as { agentId: string }).agentId) % 2}` },
];

export const probe: ServiceDefinition = {
  name: 'probe',
  aggregates: [
    aggregate<ProbeAgent>({
      collection: 'probe-agents',
      schema: 1,
      initial: (agentId) => ({ agentId, heard: 0 }),
      handle: handleAgent,
    }),
    aggregate<ProbeFinal>({
      collection: 'probe-finals',
      schema: 1,
      initial: () => ({ heard: 0 }),
      handle: (state) => ({ state: { ...state, heard: state.heard + 1 }, events: [], wakeAt: null }),
    }),
  ],
  consumes: {
    'call-events': { 'agent.state.changed': toFinal },
    'qa-events': { 'qa.evaluation.completed': toAgent, 'qa.evaluation.revised': toAgent },
    'notification-events': { 'notification.created': toFinal },
  },
  emits: ['notification-events', 'call-events'],
};

/** Two small services on real contract types: calls that say something, and agents that hear it. */
import { callIdOf, DomainError, type Emit, type Message } from '@coachloop/contracts';
import { aggregate, type ServiceDefinition } from '../../src/index.ts';

export interface CallState {
  readonly [unknownField: string]: unknown;
  /** What was handled, in order: the `note` of each message. */
  readonly notes: readonly string[];
}

export interface AgentState {
  readonly heard: readonly string[];
  readonly wakes: readonly string[];
}

/** What the data of a test's event may ask for; the schemas allow further fields. */
export interface Asked {
  readonly callId: string;
  readonly note?: string;
  readonly agentId?: string;
  /** Wake the call this long after the event's time. */
  readonly wakeAfterMs?: number;
  /** Bytes that the emitted event carries. */
  readonly pad?: number;
  readonly outputs?: number;
  readonly drop?: boolean;
  readonly emitType?: string;
  readonly emitTime?: number;
  /** Bytes that the state carries. */
  readonly stateBytes?: number;
}

/** Switches of a test: what is broken at the moment. */
export interface Broken {
  handle?: (message: Message, collection: string) => void;
}

export const AGENT = 'agent-1';
export const callDocument = (callId: string, source = 'pbx') => callIdOf(source, callId);

const heardBy = (callId: string, { agentId = AGENT, note = '', pad, emitType, emitTime }: Asked, i: number): Emit => ({
  type: emitType ?? 'call.queued',
  key: callId,
  ...(emitTime === undefined ? {} : { time: emitTime }),
  data: {
    callId: callIdOf('pbx', callId),
    source: 'pbx',
    sourceCallId: 'x',
    agentId,
    channel: 'voice',
    direction: 'inbound',
    at: '2026-05-04T12:00:00Z',
    stage: { from: 'none', to: 'queued' },
    note: i === 0 ? note : `${note}.${i}`,
    ...(pad === undefined ? {} : { pad: 'p'.repeat(pad) }),
  },
});

const handleCall = (broken: Broken) => (state: CallState, message: Message, now: number) => {
  broken.handle?.(message, 'calls');
  const keep = { ...state, at: now };
  if (message.kind === 'timer') {
    const note = `woken@${message.time}`;
    const events = [heardBy(message.source, { callId: message.source, note }, 0)];
    return { state: { ...keep, notes: [...state.notes, note] }, events, wakeAt: null };
  }
  const asked = message.data as Asked;
  if (asked.note === 'refused') throw new DomainError('TEST_REFUSED', 'This one is refused.', 409, '/note');
  const outputs = Array.from({ length: asked.outputs ?? 1 }, (_, i) => heardBy(asked.callId, asked, i));
  const wakeAt = asked.wakeAfterMs === undefined ? null : message.time + asked.wakeAfterMs;
  if (asked.drop) return { state: null, events: outputs, wakeAt: null };
  const extra = asked.stateBytes === undefined ? {} : { bytes: 's'.repeat(asked.stateBytes) };
  return {
    state: { ...keep, ...extra, notes: [...state.notes, asked.note ?? ''] },
    events: outputs,
    wakeAt,
    reply: { number: state.notes.length + 1 },
  };
};

export const callsService = (broken: Broken = {}): ServiceDefinition => ({
  name: 'test-calls',
  aggregates: [
    aggregate<CallState>({
      collection: 'calls',
      schema: 1,
      initial: () => ({ notes: [] }),
      handle: handleCall(broken),
      digest: ({ notes }) => notes,
    }),
  ],
  consumes: {
    'call-intake': {
      'call.queued': (event) => [{ collection: 'calls', id: callDocument((event.data as Asked).callId) }],
      'call.ended': ({ data }) => {
        if ((data as Asked).note === 'unroutable') throw new Error('no such call');
        return [{ collection: 'calls', id: (data as Asked).note === 'bad-id' ? '' : callDocument('c') }];
      },
    },
  },
  emits: ['call-events'],
});

const notification = (agentId: string, note: string): Emit => ({
  type: 'notification.created',
  key: agentId,
  data: {
    notificationId: callIdOf('notification', note),
    to: agentId,
    agentId,
    template: note,
    at: '2026-05-04T12:00:00Z',
    texts: [],
  },
});

/** @param agents how an event finds its agent; one agent hears of many calls, each a stream. */
export const agentsService = (broken: Broken = {}): ServiceDefinition => ({
  name: 'test-agents',
  aggregates: [
    aggregate<AgentState>({
      collection: 'agents',
      schema: 1,
      initial: () => ({ heard: [], wakes: [] }),
      digest: ({ heard }) => [...heard].sort(),
      handle: (state, message) => {
        broken.handle?.(message, 'agents');
        const { agentId, note } = message.data as { agentId: string; note: string };
        return {
          state: { ...state, heard: [...state.heard, note] },
          events: [notification(agentId, note)],
          wakeAt: null,
        };
      },
    }),
  ],
  consumes: {
    'call-events': {
      'call.queued': ({ data }) => [{ collection: 'agents', id: (data as { agentId: string }).agentId }],
    },
  },
  emits: ['notification-events'],
});

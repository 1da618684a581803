/** Events that must be refused, each with its reason, while their neighbours in the same request are taken. */
import type { CloudEventJson } from '@coachloop/contracts';
import type { Random } from '@coachloop/simulator';

/** In every id of what must never be seen in the log. */
export const POISON = 'poison';

export interface Poison {
  readonly event: CloudEventJson;
  /** The code with which it has to be refused. */
  readonly code: string;
}

const DAY_MS = 86_400_000;

/** `known`: an event that was acknowledged. */
export function poisonOf(n: number, known: CloudEventJson, random: Random): Poison {
  const id = `${POISON}-${n}`;
  const event: CloudEventJson = {
    specversion: '1.0',
    id,
    source: known.source,
    type: 'call.answered',
    time: String(known.time),
    data: { callId: id },
  };
  const kinds: readonly Poison[] = [
    { code: 'EVENT_TYPE_UNKNOWN', event: { ...event, type: 'call.exploded' } },
    { code: 'EVENT_DATA_INVALID', event: { ...event, data: { callId: 7 } } },
    { code: 'EVENT_TIME_FUTURE', event: { ...event, time: new Date(Date.now() + 400 * DAY_MS).toISOString() } },
    // Only the kernel can tell these two.
    {
      code: 'AGENT_ID_BLANK',
      event: { ...event, type: 'agent.state.changed', data: { agentId: ' ', state: 'available' } },
    },
    { code: 'EVENT_ID_REUSED', event: { ...known, data: { ...Object(known.data), queue: POISON } } },
  ];
  return random.pick(kinds);
}

/** What a platform that writes to the topics itself says of a call. */
import { EXAMPLES } from '@coachloop/contracts/examples';
import type { NewRecord } from '@coachloop/event-log';

/** When it happened, and at which time each of its events says it was written: ISO. */
export interface BusTimes {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly writtenAt: string;
}

/** Begun, told, ended: a record each, without a Coachloop header. The same number is the same call, with the same ids. */
export function callOnTheBus(n: number, { startedAt, endedAt, writtenAt }: BusTimes): readonly NewRecord[] {
  const callId = `bus-${n}`;
  const events = {
    'call.queued': { callId, queue: 'chat', channel: 'chat', direction: 'inbound', startedAt },
    'transcript.completed': { ...(EXAMPLES['call-intake']['transcript.completed'] as object), callId },
    'call.ended': { callId, at: endedAt },
  };
  return Object.entries(events).map(([type, data]) => {
    const texts = {
      ce_specversion: '1.0',
      ce_id: `${type}-${n}`,
      ce_source: '/bus',
      ce_type: type,
      ce_time: writtenAt,
      'content-type': 'application/json',
    };
    const headers = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
    return { topic: 'call-intake', key: callId, headers, value: Buffer.from(JSON.stringify(data)) };
  });
}

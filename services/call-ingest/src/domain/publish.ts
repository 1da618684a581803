/** An accepted intake event, as everybody else gets to see it on `call-events`. */
import {
  agentIdOf,
  type CallEventData,
  type CallIntakeType,
  type CallStage,
  type Emit,
  type Transcript,
} from '@coachloop/contracts';
import type { Facts } from './facts.ts';
import { type CallMessage, segmentOf } from './intake.ts';
import { agentOf, type CallIdentity, recordOf, stepsOf, waitSecondsOf } from './record.ts';

export interface StageChange {
  readonly from: CallStage;
  readonly to: CallStage;
}

/** `at`: when it happened, ms. Figures are those of the facts that are known by now; the record corrects them. */
export function normalized(
  message: CallMessage,
  call: CallIdentity,
  facts: Facts,
  stage: StageChange,
  at: number,
): Emit<CallEventData<CallIntakeType>> {
  const common = {
    callId: call.callId,
    source: call.source,
    sourceCallId: call.sourceCallId,
    ...agentOf(facts, call.source, message.data.agentId?.trim() || facts.agent?.key),
    ...(facts.queue ? { queue: facts.queue.value } : {}),
    channel: facts.channel?.value ?? ('voice' as const),
    direction: facts.direction?.value ?? ('inbound' as const),
    at: new Date(at).toISOString(),
    stage,
  };
  return { type: message.type, key: call.callId, subject: call.callId, time: at, data: { ...common, ...details() } };

  function details() {
    switch (message.type) {
      case 'transcript.segment':
        return { segment: segmentOf(message.data) };
      case 'transcript.completed':
        return transcriptSummary(message.data.transcript, facts);
      case 'survey.answered': {
        const { score, scale, resolved } = message.data;
        return { score, scale: { min: scale.min, max: scale.max }, ...(resolved === undefined ? {} : { resolved }) };
      }
      case 'call.transferred': {
        const { toAgentId, toQueue } = message.data;
        return {
          ...(toAgentId?.trim() ? { toAgentId: agentIdOf(call.source, toAgentId) } : {}),
          ...(toQueue === undefined ? {} : { toQueue }),
        };
      }
      case 'call.answered':
        return seconds('waitSeconds', waitSecondsOf(facts, ownStep(message)));
      case 'call.abandoned':
        return seconds('waitSeconds', waitSecondsOf(facts, ownStep(message)));
      case 'call.ended': {
        const { talkSeconds, holdSeconds } = recordOf(call, facts, 1);
        return { ...seconds('talkSeconds', talkSeconds), ...seconds('holdSeconds', holdSeconds) };
      }
      case 'call.wrapup.ended':
        return seconds('wrapupSeconds', recordOf(call, facts, 1).wrapupSeconds);
      default:
        return {};
    }
  }

  function ownStep({ id, type }: CallMessage) {
    return type === 'call.answered' || type === 'call.abandoned'
      ? stepsOf(facts, type).find((step) => step.id === id)
      : undefined;
  }
}

const seconds = (name: string, value: number | undefined): object => (value === undefined ? {} : { [name]: value });

const transcriptSummary = (transcript: Transcript, facts: Facts): object => {
  const language = facts.language?.value ?? transcript.language;
  return { segments: transcript.segments.length, ...(language === undefined ? {} : { language }) };
};

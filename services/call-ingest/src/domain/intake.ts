/** One intake event → the facts it states. Pure; the customer's id is hashed here, so it never reaches a state. */
import {
  type CallIntakeData,
  type CallIntakeType,
  customerHashOf,
  DomainError,
  type EventFault,
  type Message,
  notATime,
  parseTime,
  type Segment,
  type Transcript,
  timeRangeFaultOf,
} from '@coachloop/contracts';
import {
  type AgentClaim,
  type Facts,
  NO_FACTS,
  STEP_TYPES,
  type Stamp,
  type Stated,
  type Step,
  type StepType,
} from './facts.ts';

export type CallMessage = { [T in CallIntakeType]: Message<CallIntakeData<T>> & { readonly type: T } }[CallIntakeType];

/** RFC 3339 → ms. @throws DomainError `EVENT_TIME_INVALID`, `…_ANCIENT`, `…_FUTURE` with the field's pointer. */
export function timeOf(text: string, now: number, pointer: string): number {
  const ms = parseTime(text);
  if (ms === null) throw refused(notATime(text, pointer));
  return checkTime(ms, now, pointer);
}

export function checkTime(ms: number, now: number, pointer: string): number {
  const fault = timeRangeFaultOf(ms, now, pointer);
  if (fault) throw refused(fault);
  return ms;
}

const refused = ({ code, message, pointer }: EventFault): DomainError =>
  new DomainError(code, `${pointer || 'The time of the event'} ${message}.`, 422, pointer);

/** What a customer's id becomes: our keyed hash, else the platform's own. */
export const hashedCustomer = (
  data: { readonly customerId?: string; readonly customerHash?: string },
  key: string,
): string | undefined => (data.customerId === undefined ? data.customerHash : customerHashOf(key, data.customerId));

/** The same data without the customer in clear. */
export function withoutCustomer(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null) return data;
  if (!('customerId' in data) || typeof data.customerId !== 'string') return data;
  const { customerId, ...rest } = data;
  return { ...rest, customerHash: customerHashOf(key, customerId) };
}

const isStep = (type: CallIntakeType): type is StepType => (STEP_TYPES as readonly string[]).includes(type);

export const happenedAt = (message: CallMessage, now: number): number =>
  message.data.at === undefined ? checkTime(message.time, now, '') : timeOf(message.data.at, now, '/at');

/** @throws DomainError for times that cannot be. */
export function factsOf(message: CallMessage, customerKey: string, now: number): Facts {
  const { data } = message;
  const stamp: Stamp = { time: checkTime(message.time, now, ''), id: message.id };
  const stated = <T>(value: T | undefined): Stated<T> | null => (value === undefined ? null : { value, ...stamp });
  const at = happenedAt(message, now);
  const startedAt = data.startedAt === undefined ? undefined : timeOf(data.startedAt, now, '/startedAt');
  const agentKey = data.agentId?.trim();
  return {
    ...NO_FACTS,
    ...said(message, stamp, at),
    queue: stated((message.type === 'call.transferred' ? message.data.toQueue : undefined) ?? data.queue),
    channel: stated(data.channel),
    direction: stated(data.direction),
    language: stated(data.language),
    startedAt: stated(startedAt),
    customerHash: stated(hashedCustomer(data, customerKey)),
    agent: claimOf(message, stamp, at),
    agentNames: agentKey && data.agentName !== undefined ? [{ key: agentKey, name: data.agentName, ...stamp }] : [],
    openCases: data.openCases === true,
  };
}

/** What the event is about, as opposed to what it mentions. */
function said(message: CallMessage, stamp: Stamp, at: number): Partial<Facts> {
  const sign = { firstSignAt: at, lastSignAt: at };
  if (message.type === 'transcript.segment')
    return { ...sign, segments: [{ segment: segmentOf(message.data), ...stamp }] };
  if (message.type === 'transcript.completed')
    return { ...sign, transcript: { value: transcriptOf(message.data.transcript), ...stamp } };
  if (message.type === 'survey.answered') {
    const { score, scale, resolved } = message.data;
    const survey = {
      score,
      scale: { min: scale.min, max: scale.max },
      ...(resolved === undefined ? {} : { resolved }),
    };
    return { ...sign, survey: { value: survey, ...stamp } };
  }
  return isStep(message.type) ? { steps: [stepOf(message, message.type, stamp, at)] } : {};
}

function stepOf(message: CallMessage, type: StepType, stamp: Stamp, at: number): Step {
  const step: Step = { type, at, ...stamp };
  if (message.type === 'call.transferred') {
    const { toAgentId, toQueue } = message.data;
    return { ...step, ...(toAgentId ? { toAgent: toAgentId.trim() } : {}), ...(toQueue ? { toQueue } : {}) };
  }
  if (message.type === 'call.answered' && message.data.waitSeconds !== undefined)
    return { ...step, waitSeconds: message.data.waitSeconds };
  if (message.type === 'call.ended' && message.data.durationSeconds !== undefined)
    return { ...step, durationSeconds: message.data.durationSeconds };
  return step;
}

/** Whose call it is, says this event. A line that rings says nothing: nobody may have picked it up. */
function claimOf(message: CallMessage, stamp: Stamp, at: number): AgentClaim | null {
  if (message.type === 'call.queued' || message.type === 'call.ringing') return null;
  const given = message.type === 'call.transferred' ? message.data.toAgentId?.trim() : undefined;
  const key = given || message.data.agentId?.trim();
  if (!key) return null;
  return { rank: given || message.type === 'call.answered' ? 2 : 1, at, key, ...stamp };
}

/** An end before its start is a broken clock: the end is unknown then. */
export function segmentOf({ index, speaker, text, startMs, endMs }: Segment): Segment {
  const ends = endMs !== undefined && (startMs === undefined || endMs >= startMs);
  return {
    index,
    speaker,
    text,
    ...(startMs === undefined ? {} : { startMs }),
    ...(ends ? { endMs } : {}),
  };
}

/** Segments are numbered by their place, whatever the source called them: evidence points at that number. */
const transcriptOf = ({ language, timing, speakers, segments }: Transcript): Transcript => ({
  ...(language === undefined ? {} : { language }),
  timing,
  ...(speakers === undefined ? {} : { speakers }),
  segments: segments.map((segment, index) => segmentOf({ ...segment, index })),
});

/** One call whole: what happened when, as the platform's CloudEvents in the order of their times, and the truth about it. */
import type {
  AgentStateIntake,
  CallIntakeData,
  CallIntakeType,
  CloudEventJson,
  Transcript,
} from '@coachloop/contracts';
import type { Static } from 'typebox';
import type { Competency, Shown } from './behaviours.ts';
import type { SimulatorConfig } from './config.ts';
import type { Phrases } from './phrases.ts';
import { type CallPlan, planCall } from './plan.ts';
import { type Random, randomOf } from './random.ts';
import { writeScript } from './script.ts';
import { drawMs, type Timed, timeChat, timeVoice } from './timing.ts';

export interface CallTruth {
  /** The platform's id. */
  readonly callId: string;
  /** The platform's id of the agent; null: nobody answered. */
  readonly agentKey: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly language: string;
  readonly channel: 'voice' | 'chat';
  readonly topic: string;
  readonly complaint: boolean;
  /** What was really done or left undone; absent: no occasion. */
  readonly shown: Shown;
}

export interface TimedEvent {
  readonly atMs: number;
  /** How much later than `atMs` the platform sends it, before the network's own delays. */
  readonly sentAfterMs: number;
  readonly event: CloudEventJson;
}

export interface SimulatedCall {
  readonly truth: CallTruth;
  readonly events: readonly TimedEvent[];
  /** When the agent is free again, ms since the epoch. */
  readonly readyMs: number;
}

export interface CallInput {
  readonly seed: number;
  readonly source: string;
  readonly config: SimulatorConfig;
  readonly phrases: Phrases;
  readonly agentKey: string;
  readonly agentName: string;
  readonly company: string;
  readonly levels: Readonly<Record<Competency, number>>;
  /** Of this agent, from 1. */
  readonly number: number;
  readonly startMs: number;
}

type State = Static<typeof AgentStateIntake>['state'];

export function makeCall(input: CallInput): SimulatedCall {
  const { config, agentKey, number } = input;
  const random = randomOf(input.seed, 'call', agentKey, number);
  const plan = planCall(input, random);
  const callId = `${input.seed}-${agentKey}-${String(number).padStart(6, '0')}`;
  const wait = Math.round(random.skewed(config.times.waitSecondsMax) * 1000);
  if (random.chance(config.calls.abandonShare)) return abandonedCall(input, plan, callId, wait + 3000);

  const ring = ringMs(plan, config, random);
  const timing = {
    turns: writeScript(plan, input.phrases, random),
    language: plan.language,
    times: config.times,
    keepsPace: plan.shown['keeps-pace'] !== false,
    startMs: wait + ring,
  };
  const timed = plan.channel === 'voice' ? timeVoice(timing, random) : timeChat(timing, random);
  const log = eventLog(input, plan, callId);
  const readyMs = logCall(log, { input, plan, timed, wait, ring, random });
  const truth = truthOf(input, plan, callId, agentKey, input.startMs + timed.endMs);
  return { truth, events: log.events, readyMs };
}

function ringMs(plan: CallPlan, { times }: SimulatorConfig, random: Random): number {
  const prompt = plan.shown['answers-promptly'] !== false;
  return drawMs(prompt ? times.promptRingSeconds : times.lateRingSeconds, random);
}

function abandonedCall(input: CallInput, plan: CallPlan, callId: string, waitMs: number): SimulatedCall {
  const log = eventLog(input, plan, callId);
  const { agentId: _, agentName: __, ...nobody } = log.common;
  log.add('call.queued', 0, nobody);
  log.add('call.abandoned', waitMs, nobody);
  const endMs = input.startMs + waitMs;
  return { truth: { ...truthOf(input, plan, callId, null, endMs), shown: {} }, events: log.events, readyMs: endMs };
}

function truthOf(input: CallInput, plan: CallPlan, callId: string, agentKey: string | null, endMs: number): CallTruth {
  const { language, channel, topic, complaint, shown } = plan;
  return { callId, agentKey, startMs: input.startMs, endMs, language, channel, topic, complaint, shown };
}

interface Happening {
  readonly input: CallInput;
  readonly plan: CallPlan;
  readonly timed: Timed;
  readonly wait: number;
  readonly ring: number;
  readonly random: Random;
}

/** Everything that happens in an answered call. Returns when the agent is free again. */
function logCall(log: EventLog, happening: Happening): number {
  const { input, plan, timed, wait, ring, random } = happening;
  const { config } = input;
  const answered = wait + ring;
  log.add('call.queued', 0, log.common);
  log.add('call.ringing', wait, log.common);
  log.state('ringing', wait);
  log.add('call.answered', answered, { ...log.common, waitSeconds: answered / 1000 });
  log.state('talking', answered);
  const ended = timed.endMs + 900;
  const transcribed = !random.chance(config.calls.missingTranscriptShare);
  if (transcribed && random.chance(config.calls.liveTranscriptShare))
    for (const segment of timed.segments)
      log.add('transcript.segment', segment.endMs ?? answered, { callId: log.common.callId, ...segment });
  for (const hold of timed.holds) {
    log.add('call.held', hold.startMs, log.common);
    log.add('call.unheld', hold.endMs, log.common);
  }
  if (plan.transfer) log.add('call.transferred', ended - 500, { ...log.common, toQueue: 'Second line' });
  log.add('call.ended', ended, {
    ...log.common,
    endedBy: random.chance(0.8) ? 'customer' : 'agent',
    durationSeconds: (ended - answered) / 1000,
  });
  log.state('wrapup', ended);
  if (transcribed)
    log.add(
      'transcript.completed',
      ended,
      { ...log.common, transcript: transcriptOf(plan, timed) },
      drawMs(config.delivery.transcriptSeconds, random),
    );
  const ready = ended + drawMs(config.times.wrapupSeconds, random);
  log.add('call.wrapup.ended', ready, log.common);
  log.state('available', ready);
  if (random.chance(config.calls.surveyShare))
    log.add('survey.answered', ended + drawMs(config.delivery.surveySeconds, random), surveyOf(log, plan, random));
  log.events.sort((a, b) => a.atMs - b.atMs);
  return input.startMs + ready;
}

const transcriptOf = (plan: CallPlan, timed: Timed): Transcript => ({
  language: plan.language,
  timing: plan.channel === 'voice' ? 'measured' : 'sent',
  segments: timed.segments,
});

/** Customers are pleased by a solution first, then by manners. */
function surveyOf({ common }: EventLog, { shown }: CallPlan, random: Random): CallIntakeData<'survey.answered'> {
  const done = Object.values(shown);
  const solved = shown['offers-solution'] !== false;
  const share = done.filter(Boolean).length / Math.max(1, done.length);
  const score = Math.round(1 + (solved ? 2 : 0) + 2 * share - random.next() * 1.2);
  return {
    ...common,
    score: Math.min(5, Math.max(1, score)),
    scale: { min: 1, max: 5 },
    resolved: solved === random.chance(0.95),
  };
}

type Common = CallIntakeData<'call.queued'> & { readonly callId: string };
type EventLog = ReturnType<typeof eventLog>;

function eventLog(input: CallInput, plan: CallPlan, callId: string) {
  const events: TimedEvent[] = [];
  const { source, agentKey, agentName, startMs, config } = input;
  const common: Common = {
    callId,
    agentId: agentKey,
    agentName,
    queue: plan.queue,
    channel: plan.channel,
    direction: 'inbound',
    language: plan.language,
    startedAt: new Date(startMs).toISOString(),
    customerId: plan.customerId,
  };
  const put = (type: string, offsetMs: number, data: unknown, sentAfterMs: number) => {
    const atMs = startMs + offsetMs;
    const id = `${callId}-${events.length + 1}`;
    const time = new Date(atMs).toISOString();
    const event = { specversion: '1.0' as const, id, source, type, time, subject: callId, data };
    events.push({ atMs, sentAfterMs, event });
  };
  return {
    events,
    common,
    add: <T extends CallIntakeType>(type: T, offsetMs: number, data: CallIntakeData<T>, sentAfterMs = 0) =>
      put(type, offsetMs, data, sentAfterMs),
    state: (state: State, offsetMs: number) => {
      if (config.delivery.agentStates) put('agent.state.changed', offsetMs, { agentId: agentKey, agentName, state }, 0);
    },
  };
}

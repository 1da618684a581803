/**
 * Facts → the record of the call. A figure is absent where the events for it are absent, and also where they contradict
 * each other (an end before its start): unknown, never negative and never an invented 0.
 */
import { agentIdOf, type CallRecord, type Transcript, UNASSIGNED_AGENT } from '@coachloop/contracts';
import type { Facts, Step, StepType } from './facts.ts';
import { detectLanguage } from './language.ts';

const WEEK_MS = 604_800_000;

export const stepsOf = (facts: Facts, ...types: StepType[]): readonly Step[] =>
  facts.steps.filter((step) => types.includes(step.type));
export const has = (facts: Facts, type: StepType): boolean => facts.steps.some((step) => step.type === type);

/** Seconds between two moments; absent where one is unknown, their order is wrong, or they are more than a week apart. */
function span(from: number | undefined, to: number | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  return to >= from && to - from <= WEEK_MS ? (to - from) / 1000 : undefined;
}

/** The customer gave up: a call that somebody answered was not abandoned, whatever else was said. */
export const isAbandoned = (facts: Facts): boolean => has(facts, 'call.abandoned') && !has(facts, 'call.answered');
export const isOver = (facts: Facts): boolean => has(facts, 'call.ended') || has(facts, 'call.abandoned');

const overStep = (facts: Facts): Step | undefined =>
  stepsOf(facts, 'call.ended').at(-1) ?? stepsOf(facts, 'call.abandoned').at(-1);

/** First sign of the call, ms: what the platform says, or its first step, whichever is earlier. */
export function startedAtMs(facts: Facts): number {
  const signs = facts.steps.map((step) => step.at);
  if (facts.startedAt) signs.push(facts.startedAt.value);
  for (const step of facts.steps)
    if (step.durationSeconds !== undefined) signs.push(step.at - Math.round(step.durationSeconds * 1000));
  return signs.length > 0 ? Math.min(...signs) : (facts.firstSignAt ?? 0);
}

function endedAtMs(facts: Facts, startMs: number, transcript: Transcript | null): number {
  const over = overStep(facts);
  if (over) return Math.max(over.at, startMs);
  const spoken = Math.max(0, ...(transcript?.segments ?? []).map((segment) => segment.endMs ?? segment.startMs ?? 0));
  return Math.max(startMs + spoken, facts.steps.at(-1)?.at ?? 0, facts.lastSignAt ?? 0);
}

export function transcriptOfFacts(facts: Facts): Transcript | null {
  if (facts.transcript) return facts.transcript.value;
  if (facts.segments.length === 0) return null;
  const segments = facts.segments.map(({ segment }, index) => ({ ...segment, index }));
  const timed = segments.every((segment) => segment.startMs !== undefined && segment.endMs !== undefined);
  const spoken = segments.some((segment) => (segment.endMs ?? 0) > (segment.startMs ?? 0));
  return { timing: timed ? (spoken ? 'measured' : 'sent') : 'none', segments };
}

interface Hold {
  readonly from: number;
  readonly to: number | undefined;
}

/** Held while held, unheld while not held, and anything after the end count for nothing. */
function holdsOf(facts: Facts, endMs: number): readonly Hold[] {
  const holds: Hold[] = [];
  let from: number | undefined;
  for (const step of stepsOf(facts, 'call.held', 'call.unheld')) {
    if (step.at >= endMs) break;
    if (step.type === 'call.held') from ??= step.at;
    else if (from !== undefined) {
      holds.push({ from, to: step.at });
      from = undefined;
    }
  }
  return from === undefined ? holds : [...holds, { from, to: undefined }];
}

const total = (holds: readonly Hold[], fromMs: number, endMs: number): number =>
  holds.reduce((sum, hold) => sum + Math.max(0, (hold.to ?? endMs) - Math.max(hold.from, fromMs)), 0);

/** Waited in total until `until`: as stated, else from the queue or any other sign before it. */
export function waitSecondsOf(facts: Facts, until: Step | undefined): number | undefined {
  if (!until) return undefined;
  if (until.waitSeconds !== undefined) return until.waitSeconds;
  const queued = stepsOf(facts, 'call.queued')[0]?.at;
  const ringing = stepsOf(facts, 'call.ringing')[0]?.at;
  return span(queued ?? facts.startedAt?.value ?? ringing, until.at);
}

/** Only what is known is in it. */
export interface Spans {
  readonly waitSeconds?: number;
  readonly ringSeconds?: number;
  readonly talkSeconds?: number;
  readonly holdSeconds?: number;
  readonly wrapupSeconds?: number;
}

const known = <K extends keyof Spans>(name: K, seconds: number | undefined): Spans =>
  seconds === undefined ? {} : { [name]: seconds };

function spansOf(facts: Facts, holds: readonly Hold[], endMs: number): Spans {
  const answered = stepsOf(facts, 'call.answered')[0];
  const over = overStep(facts);
  const ringing = answered && stepsOf(facts, 'call.ringing').findLast((step) => step.at <= answered.at);
  const talk = span(answered?.at, over?.at);
  const held = total(holds, 0, endMs);
  const pauses = answered ? total(holds, answered.at, endMs) / 1000 : 0;
  return {
    ...known('waitSeconds', waitSecondsOf(facts, answered ?? stepsOf(facts, 'call.abandoned')[0])),
    ...known('ringSeconds', span(ringing?.at, answered?.at)),
    ...known('talkSeconds', talk === undefined ? undefined : talk - pauses),
    ...known('holdSeconds', holds.length > 0 && held <= WEEK_MS ? held / 1000 : undefined),
    ...known('wrapupSeconds', span(over?.at, stepsOf(facts, 'call.wrapup.ended').at(-1)?.at)),
  };
}

export interface AgentOfCall {
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
}

export function agentOf(facts: Facts, source: string, key = facts.agent?.key): AgentOfCall {
  if (key === undefined) return { agentId: UNASSIGNED_AGENT };
  const name = facts.agentNames.find((entry) => entry.key === key)?.name;
  return { agentId: agentIdOf(source, key), agentKey: key, ...(name === undefined ? {} : { agentName: name }) };
}

/** What has not come, as far as the facts go. An abandoned call has no transcript to wait for. */
export function missingOf(facts: Facts): CallRecord['missing'] {
  const words = facts.transcript !== null || facts.segments.length > 0 || isAbandoned(facts);
  return [...(words ? [] : ['transcript' as const]), ...(isOver(facts) ? [] : ['record' as const])];
}

export interface CallIdentity {
  readonly callId: string;
  readonly source: string;
  readonly sourceCallId: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A function of the facts alone: the same facts give the same bytes. */
export function recordOf(call: CallIdentity, facts: Facts, revision: number): CallRecord {
  const startMs = startedAtMs(facts);
  const transcript = transcriptOfFacts(facts);
  const endMs = endedAtMs(facts, startMs, transcript);
  const holds = holdsOf(facts, endMs);
  const answered = stepsOf(facts, 'call.answered')[0];
  const language =
    facts.language?.value ?? transcript?.language ?? detectLanguage(transcript?.segments.map(({ text }) => text) ?? []);
  const inCall = (at: number): number => Math.min(Math.max(0, at - startMs), WEEK_MS);
  return {
    callId: call.callId,
    revision,
    source: call.source,
    sourceCallId: call.sourceCallId,
    ...agentOf(facts, call.source),
    ...(facts.queue ? { queue: facts.queue.value } : {}),
    channel: facts.channel?.value ?? 'voice',
    direction: facts.direction?.value ?? 'inbound',
    ...(language === undefined ? {} : { language }),
    startedAt: iso(startMs),
    ...(answered ? { answeredAt: iso(answered.at) } : {}),
    endedAt: iso(endMs),
    ...spansOf(facts, holds, endMs),
    holds: holds.map((hold) => ({
      startMs: inCall(hold.from),
      ...(hold.to === undefined ? {} : { endMs: inCall(hold.to) }),
    })),
    transfers: stepsOf(facts, 'call.transferred').length,
    abandoned: isAbandoned(facts),
    ...(facts.customerHash ? { customerHash: facts.customerHash.value } : {}),
    ...(facts.survey ? { survey: facts.survey.value } : {}),
    transcript,
    missing: missingOf(facts),
    openCases: facts.openCases,
  };
}

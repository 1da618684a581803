/**
 * What is known of a call: a join of facts. `join` is commutative, associative and idempotent, and every list has one
 * order, so the facts depend on the set of events alone, never on the order or the time of their arrival.
 */
import { BOUNDS, type CallIntakeType, DomainError, type Segment, type Transcript } from '@coachloop/contracts';
import { CALL_BOUNDS } from './policy.ts';

/** When a statement was made, and by which event: the total order in which later statements win over earlier ones. */
export interface Stamp {
  readonly time: number;
  readonly id: string;
}
export interface Stated<T> extends Stamp {
  readonly value: T;
}

/** In the order in which they happen; decides between steps of the same instant. */
export const STEP_TYPES = [
  'call.queued',
  'call.ringing',
  'call.answered',
  'call.held',
  'call.unheld',
  'call.transferred',
  'call.abandoned',
  'call.ended',
  'call.wrapup.ended',
] as const satisfies readonly CallIntakeType[];
export type StepType = (typeof STEP_TYPES)[number];

export interface Step extends Stamp {
  readonly type: StepType;
  /** When it happened, ms. `time` is when the platform said so. */
  readonly at: number;
  readonly toAgent?: string;
  readonly toQueue?: string;
  readonly waitSeconds?: number;
  readonly durationSeconds?: number;
}

/** Who has the call, says one event. `rank` 2: answered or was given the call; 1: merely named. */
export interface AgentClaim extends Stamp {
  readonly rank: 1 | 2;
  readonly at: number;
  readonly key: string;
}
export interface AgentName extends Stamp {
  readonly key: string;
  readonly name: string;
}
export interface StatedSegment extends Stamp {
  readonly segment: Segment;
}
export interface Survey {
  readonly score: number;
  readonly scale: { readonly min: number; readonly max: number };
  readonly resolved?: boolean;
}

export interface Facts {
  readonly steps: readonly Step[];
  /** Sorted by index; empty once the whole transcript is there. */
  readonly segments: readonly StatedSegment[];
  readonly transcript: Stated<Transcript> | null;
  readonly survey: Stated<Survey> | null;
  readonly queue: Stated<string> | null;
  readonly channel: Stated<'voice' | 'chat' | 'mail' | 'other'> | null;
  readonly direction: Stated<'inbound' | 'outbound' | 'internal'> | null;
  readonly language: Stated<string> | null;
  readonly startedAt: Stated<number> | null;
  readonly customerHash: Stated<string> | null;
  readonly agent: AgentClaim | null;
  readonly agentNames: readonly AgentName[];
  /** First and last sign of the call besides its steps, ms. */
  readonly firstSignAt: number | null;
  readonly lastSignAt: number | null;
  readonly openCases: boolean;
}

export const NO_FACTS: Facts = {
  steps: [],
  segments: [],
  transcript: null,
  survey: null,
  queue: null,
  channel: null,
  direction: null,
  language: null,
  startedAt: null,
  customerHash: null,
  agent: null,
  agentNames: [],
  firstSignAt: null,
  lastSignAt: null,
  openCases: false,
};

type Order<T> = (a: T, b: T) => number;

/** By UTF-16 code units: no locale, the same on every machine. */
const byText: Order<string> = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byStamp: Order<Stamp> = (a, b) => a.time - b.time || byText(a.id, b.id);
const byStep: Order<Step> = (a, b) =>
  a.at - b.at || STEP_TYPES.indexOf(a.type) - STEP_TYPES.indexOf(b.type) || byStamp(a, b);
const byClaim: Order<AgentClaim> = (a, b) => a.rank - b.rank || a.at - b.at || byStamp(a, b);

/** The greater one; null is below everything. */
const latest = <T>(a: T | null, b: T | null, order: Order<T>): T | null =>
  a === null ? b : b === null ? a : order(a, b) >= 0 ? a : b;

/** Union of two sorted lists; of two with the same place the later statement stays. */
function union<T extends Stamp>(a: readonly T[], b: readonly T[], place: Order<T>): readonly T[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined) return merged.concat(b.slice(j));
    if (right === undefined) return merged.concat(a.slice(i));
    const order = place(left, right);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    merged.push(order < 0 ? left : order > 0 ? right : byStamp(left, right) >= 0 ? left : right);
  }
}

const extreme = (pick: (...values: number[]) => number, a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : pick(a, b);

/** @throws DomainError `CALL_TOO_…` when the call would hold more than its bounds. */
export function join(a: Facts, b: Facts): Facts {
  const transcript = latest(a.transcript, b.transcript, byStamp);
  const facts: Facts = {
    ...a,
    steps: union(a.steps, b.steps, byStep),
    segments: transcript ? [] : union(a.segments, b.segments, (x, y) => x.segment.index - y.segment.index),
    transcript,
    survey: latest(a.survey, b.survey, byStamp),
    queue: latest(a.queue, b.queue, byStamp),
    channel: latest(a.channel, b.channel, byStamp),
    direction: latest(a.direction, b.direction, byStamp),
    language: latest(a.language, b.language, byStamp),
    startedAt: latest(a.startedAt, b.startedAt, byStamp),
    customerHash: latest(a.customerHash, b.customerHash, byStamp),
    agent: latest(a.agent, b.agent, byClaim),
    agentNames: union(a.agentNames, b.agentNames, (x, y) => byText(x.key, y.key)),
    firstSignAt: extreme(Math.min, a.firstSignAt, b.firstSignAt),
    lastSignAt: extreme(Math.max, a.lastSignAt, b.lastSignAt),
    openCases: a.openCases || b.openCases,
  };
  checkBounds(facts);
  return facts;
}

const tooMany = (code: string, what: string, bound: number, pointer: string): DomainError =>
  new DomainError(code, `A call holds at most ${bound} ${what}; this event would be one more.`, 422, pointer);

function checkBounds(facts: Facts): void {
  if (facts.steps.length > CALL_BOUNDS.steps_max)
    throw tooMany('CALL_TOO_MANY_STEPS', 'steps', CALL_BOUNDS.steps_max, '');
  if (facts.steps.filter((step) => step.type === 'call.held').length > CALL_BOUNDS.holds_max)
    throw tooMany('CALL_TOO_MANY_HOLDS', 'holds', CALL_BOUNDS.holds_max, '');
  if (facts.agentNames.length > CALL_BOUNDS.agents_max)
    throw tooMany('CALL_TOO_MANY_AGENTS', 'agents', CALL_BOUNDS.agents_max, '/agentId');
  if (facts.segments.length > BOUNDS.segments_max)
    throw tooMany('CALL_TOO_MANY_SEGMENTS', 'segments', BOUNDS.segments_max, '/index');
  const texts = facts.transcript?.value.segments ?? facts.segments.map((entry) => entry.segment);
  let chars = 0;
  for (const { text } of texts) chars += text.length;
  if (chars > CALL_BOUNDS.transcript_chars_max)
    throw new DomainError(
      'CALL_TRANSCRIPT_TOO_LONG',
      `The transcript of a call holds at most ${CALL_BOUNDS.transcript_chars_max} characters; with this event it has ${chars}.`,
      422,
      facts.transcript ? '/transcript' : '/text',
    );
}

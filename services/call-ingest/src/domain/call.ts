/**
 * The Call aggregate: joins what is said of one call, in any order, and says when it is complete.
 *
 * Completed: the call is over and its transcript is there (an abandoned call needs none), or the wait for one of the two
 * ran out, or nothing was heard for the lifetime of a call. Whatever comes later and changes the record revises it.
 */
import {
  type CallRecord,
  type CallStage,
  type Decision,
  type Emit,
  type Message,
  type ReplacedCall,
  sha256,
} from '@coachloop/contracts';
import { type Facts, join, NO_FACTS } from './facts.ts';
import { type CallMessage, factsOf, happenedAt } from './intake.ts';
import type { IngestPolicy } from './policy.ts';
import { normalized, type StageChange } from './publish.ts';
import { agentOf, type CallIdentity, isAbandoned, isOver, recordOf, startedAtMs } from './record.ts';
import { stageOf } from './stage.ts';

export interface CallState extends CallIdentity {
  readonly facts: Facts;
  /** Of the last record that was published; revision 0: none yet. */
  readonly revision: number;
  readonly digest: string | null;
  /** Service time, ms: when the end or the transcript came, whichever first; when anything came last. */
  readonly halfAt: number | null;
  readonly heardAt: number | null;
  /** For queries. */
  readonly stage: CallStage;
  readonly agentId: string;
  readonly startedAtMs: number | null;
}

export const initialCall = (callId: string): CallState => ({
  callId,
  source: '',
  sourceCallId: '',
  facts: NO_FACTS,
  revision: 0,
  digest: null,
  halfAt: null,
  heardAt: null,
  stage: 'none',
  agentId: 'unassigned',
  startedAtMs: null,
});

export interface CallOptions {
  readonly policy: IngestPolicy;
  /** Key of the customers' hash. */
  readonly customerKey: string;
}

export function handleCall(
  state: CallState,
  message: Message,
  now: number,
  { policy, customerKey }: CallOptions,
): Decision<CallState> {
  if (message.kind === 'timer') return settle(state, [], Math.max(now, message.time), policy, null);
  const event = message as CallMessage;
  const facts = join(state.facts, factsOf(event, customerKey, now));
  const half = isOver(facts) || facts.transcript !== null;
  const heard: CallState = {
    ...state,
    source: event.source,
    sourceCallId: event.data.callId,
    facts,
    halfAt: state.halfAt ?? (half ? now : null),
    heardAt: Math.max(state.heardAt ?? 0, now),
    stage: stageOf(facts, state.revision > 0),
    agentId: agentOf(facts, event.source).agentId,
    startedAtMs: startedAtMs(facts),
  };
  const stage = { from: state.stage, to: heard.stage };
  return settle(heard, [normalized(event, heard, facts, stage, happenedAt(event, now))], now, policy, state.facts);
}

/**
 * Adds the record where it is due or has changed, and sets the alarm. `before`: the facts without this message; after the first
 * record every change of the facts was published at once, so they are what the last record was made of.
 */
function settle(
  state: CallState,
  events: readonly Emit[],
  now: number,
  policy: IngestPolicy,
  before: Facts | null,
): Decision<CallState> {
  const { facts, revision } = state;
  const deadline = deadlineOf(state, policy);
  const whole = isOver(facts) && (facts.transcript !== null || isAbandoned(facts));
  const due = revision > 0 || whole || (deadline !== null && now >= deadline);
  if (!due) return { state, events, wakeAt: deadline };
  const record = recordOf(state, facts, revision + 1);
  const digest = sha256(JSON.stringify({ ...record, revision: 0 }));
  if (digest === state.digest) return { state, events, wakeAt: null };
  const stage: StageChange = { from: state.stage, to: stageOf(facts, true) };
  return {
    state: { ...state, revision: revision + 1, digest, stage: stage.to },
    events: [
      ...events,
      {
        type: revision === 0 ? 'call.completed' : 'call.revised',
        key: state.callId,
        subject: state.callId,
        data: {
          ...record,
          stage,
          ...(revision === 0 || before === null ? {} : { replaces: replacedOf(recordOf(state, before, revision)) }),
        },
      },
    ],
    wakeAt: null,
  };
}

/** Null where nothing was heard yet: there is nothing to wait for. */
function deadlineOf({ halfAt, heardAt }: CallState, policy: IngestPolicy): number | null {
  if (halfAt !== null) return halfAt + policy.wait_ms;
  return heardAt === null ? null : heardAt + policy.lifetime_ms;
}

/** What those who keep sums need to take the earlier record out of them. */
function replacedOf(record: CallRecord): ReplacedCall {
  const { revision, agentId, endedAt, abandoned } = record;
  const { queue, customerHash, waitSeconds, talkSeconds, holdSeconds, wrapupSeconds, survey } = record;
  return {
    revision,
    agentId,
    endedAt,
    abandoned,
    ...(queue === undefined ? {} : { queue }),
    ...(customerHash === undefined ? {} : { customerHash }),
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
    ...(talkSeconds === undefined ? {} : { talkSeconds }),
    ...(holdSeconds === undefined ? {} : { holdSeconds }),
    ...(wrapupSeconds === undefined ? {} : { wrapupSeconds }),
    ...(survey === undefined ? {} : { survey }),
  };
}

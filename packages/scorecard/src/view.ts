/** A call as the rules see it: made once per call, shared by all questions. */
import type { Segment } from '@coachloop/contracts';
import type { ScoredCall } from './call.ts';
import { type Role, type Speakers, speakersOf } from './speakers.ts';
import { foldSegments, Speech } from './speech.ts';

export interface CallView {
  readonly call: ScoredCall;
  readonly segments: readonly Segment[];
  readonly folded: readonly string[];
  readonly roles: readonly Role[];
  readonly speakers: Speakers['basis'];
  readonly language: string | undefined;
  readonly agent: Speech;
  readonly customer: Speech;
  /** Agent, customer and unknown; not the machine's announcements. */
  readonly any: Speech;
  /** Turns of which nobody knows whose they are. */
  readonly unknown: Speech;
  /** Speech with measured start and end: pauses, overlap and rate can be told. */
  readonly timed: boolean;
}

export function viewOf(call: ScoredCall, language: string | undefined): CallView {
  const segments = call.transcript?.segments ?? [];
  const folded = foldSegments(segments);
  const { roles, basis } = speakersOf(
    segments.map((segment) => segment.speaker),
    folded,
  );
  const by = (wanted: (role: Role) => boolean) =>
    new Speech(
      roles.flatMap((role, at) => (wanted(role) ? [at] : [])),
      folded,
    );
  return {
    call,
    segments,
    folded,
    roles,
    speakers: basis,
    language,
    agent: by((role) => role === 'agent'),
    customer: by((role) => role === 'customer'),
    any: by((role) => role !== 'system'),
    unknown: by((role) => role === 'unknown'),
    timed: call.channel === 'voice' && call.transcript?.timing === 'measured',
  };
}

/** The ring of evaluated calls, and the samples drawn from it. */
import type { EvaluationResult, Sample } from '@coachloop/contracts';
import { type CompetencyScore, type OpenWindow, REVIEW_BOUNDS, type ReviewedCall, type WindowCall } from './review.ts';
import { meanOf, rounded, sdOf } from './statistics.ts';
import { isoOf, msOf } from './time.ts';

interface Ended {
  readonly endedAt: number;
  readonly callId: string;
  readonly evaluationId: string;
}

/** By the end of the call, ties by call id and then evaluation id; never by arrival. Code units, so no locale. */
export function byCallEnd(a: Ended, b: Ended): number {
  if (a.endedAt !== b.endedAt) return a.endedAt - b.endedAt;
  if (a.callId !== b.callId) return a.callId < b.callId ? -1 : 1;
  return a.evaluationId < b.evaluationId ? -1 : a.evaluationId > b.evaluationId ? 1 : 0;
}

export const callOf = (evaluation: EvaluationResult): ReviewedCall => ({
  callId: evaluation.callId,
  evaluationId: evaluation.evaluationId,
  revision: evaluation.revision,
  startedAt: msOf(evaluation.callStartedAt, '/callStartedAt'),
  endedAt: msOf(evaluation.callEndedAt, '/callEndedAt'),
  form: { id: evaluation.form.id, version: evaluation.form.version },
  scores: evaluation.competencies.flatMap(({ competency, score, answered }) =>
    score === null || answered === 0 ? [] : [{ competency, score, ...missesOf(evaluation, competency) }],
  ),
});

function missesOf(
  { answers }: EvaluationResult,
  competency: string,
): Pick<CompetencyScore, 'missed' | 'failedCritically'> {
  const missed = answers.filter((a) => a.competency === competency && a.value === 'no');
  if (missed.length === 0) return {};
  return {
    missed: missed.map(({ questionId }) => questionId),
    ...(missed.some(({ critical, autoFail }) => critical || autoFail) ? { failedCritically: true } : {}),
  };
}

/**
 * With `call` in place of what was known of its evaluation. What stays is the latest `keep` of each competency, whatever
 * the order of arrival; a call stays while one competency needs it.
 */
export function withCall(calls: readonly ReviewedCall[], call: ReviewedCall, keep: number): readonly ReviewedCall[] {
  const others = calls.filter((c) => c.evaluationId !== call.evaluationId);
  const kept = new Map<string, number>();
  const stays: ReviewedCall[] = [];
  for (const c of [...others, call].sort(byCallEnd).reverse()) {
    let needed = false;
    for (const { competency } of c.scores) {
      const n = kept.get(competency) ?? 0;
      if (n < keep) needed = true;
      kept.set(competency, n + 1);
    }
    if (needed && stays.length < REVIEW_BOUNDS.calls_max) stays.push(c);
  }
  return stays.reverse();
}

/** The call as one competency on one form sees it; undefined: it does not count there. */
export function pointOf(
  call: ReviewedCall,
  { competency, form, questionId }: Pick<OpenWindow, 'competency' | 'form' | 'questionId'>,
): WindowCall | undefined {
  if (call.form.id !== form.id || call.form.version !== form.version) return undefined;
  const found = call.scores.find((s) => s.competency === competency);
  if (!found) return undefined;
  const { callId, evaluationId, revision, endedAt } = call;
  return {
    ...{ callId, evaluationId, revision, endedAt, score: found.score },
    ...(found.failedCritically ? { failedCritically: true } : {}),
    ...(questionId !== undefined && found.missed?.includes(questionId) ? { missed: true } : {}),
  };
}

export const belongs = (call: ReviewedCall, window: Pick<OpenWindow, 'completedAt' | 'deadlineAt'>): boolean =>
  call.startedAt > window.completedAt && call.endedAt <= window.deadlineAt;

/**
 * The calls before: the latest `limit` begun before the training ended, on the same form version. Among them are the calls
 * that fired the trigger, which were chosen because they were low; by chance alone the next ones would look better
 * (regression to the mean). Taking more calls than those, also the ones between the trigger and the training, makes that
 * smaller; it does not make it vanish. For a further course they are those before the first one: the question is whether the
 * case may be closed, and an agent whom the first course made good would be compared with their own good calls.
 */
export const callsBefore = (
  calls: readonly ReviewedCall[],
  window: Pick<OpenWindow, 'baselineUntil' | 'completedAt' | 'competency' | 'form' | 'questionId'>,
  limit: number,
): readonly WindowCall[] =>
  calls
    .filter((c) => c.startedAt < (window.baselineUntil ?? window.completedAt))
    .flatMap((c) => pointOf(c, window) ?? [])
    .slice(-limit);

/** As `sampleOf` makes it, of those of its calls that stay. */
export const sampleWithout = (sample: Sample, stays: (call: Sample['calls'][number]) => boolean): Sample =>
  sampleOf(
    sample.calls.filter(stays).map(({ failedCritically, missed, ...call }) => ({
      ...{ ...call, endedAt: Date.parse(call.endedAt) },
      ...(failedCritically ? { failedCritically: true } : {}),
      ...(missed ? { missed: true } : {}),
    })),
  );

export function sampleOf(calls: readonly Omit<WindowCall, 'revision'>[]): Sample {
  const scores = calls.map((c) => c.score);
  const mean = meanOf(scores);
  const sd = sdOf(scores);
  return {
    n: calls.length,
    mean: mean === null ? null : rounded(mean),
    sd: sd === null ? null : rounded(sd),
    calls: calls.map((c) => ({
      callId: c.callId,
      evaluationId: c.evaluationId,
      endedAt: isoOf(c.endedAt),
      score: c.score,
      ...(c.failedCritically ? { failedCritically: true } : {}),
      ...(c.missed ? { missed: true } : {}),
    })),
  };
}

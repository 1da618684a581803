/** The window of recent results: what comes in from an evaluation, and what falls out. */
import type { Answer, EvaluationResult, Evidence } from '@coachloop/contracts';
import { type CompetencyResult, isAnswered, LEARNER_BOUNDS, type Result } from './learner.ts';
import { msOf } from './time.ts';

/** By the end of the call, ties by call id and then evaluation id; never by arrival. Code units, so no locale. */
export function byCallEnd(a: Result, b: Result): number {
  if (a.endedAt !== b.endedAt) return a.endedAt - b.endedAt;
  if (a.callId !== b.callId) return a.callId < b.callId ? -1 : 1;
  return a.evaluationId < b.evaluationId ? -1 : a.evaluationId > b.evaluationId ? 1 : 0;
}

/** Cut without leaving half of a surrogate pair behind. */
const shorten = (text: string): string => {
  const max = LEARNER_BOUNDS.evidence_chars_max;
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)}…`;
};

const evidenceOf = (answer: Answer): readonly Evidence[] =>
  answer.evidence.slice(0, LEARNER_BOUNDS.evidence_max).map((e) => ({ ...e, text: shorten(e.text) }));

export function resultOf(evaluation: EvaluationResult): Result {
  const competencies = evaluation.competencies.filter(isAnswered).map(({ competency, score }): CompetencyResult => {
    const answers = evaluation.answers.filter((a) => a.competency === competency);
    return {
      competency,
      score,
      yes: answers.filter((a) => a.value === 'yes').map((a) => a.questionId),
      no: answers
        .filter((a) => a.value === 'no')
        .map((a) => ({ questionId: a.questionId, critical: a.critical || a.autoFail, evidence: evidenceOf(a) })),
    };
  });
  return {
    callId: evaluation.callId,
    evaluationId: evaluation.evaluationId,
    revision: evaluation.revision,
    endedAt: msOf(evaluation.callEndedAt, '/callEndedAt'),
    form: { id: evaluation.form.id, version: evaluation.form.version },
    competencies,
  };
}

/**
 * With `result` in place of what was known of its evaluation. What stays is the latest `windowCalls` of each competency,
 * whatever the order of arrival: a competency that is seldom answered reaches far back, and the others do not go with it.
 */
export function withResult(results: readonly Result[], result: Result, windowCalls: number): readonly Result[] {
  const others = results.filter((r) => r.evaluationId !== result.evaluationId);
  const ordered = [...others, result].sort(byCallEnd);
  const kept = new Map<string, number>();
  const stays: Result[] = [];
  for (const r of ordered.toReversed()) {
    const competencies = r.competencies.filter(({ competency }) => {
      const n = kept.get(competency) ?? 0;
      kept.set(competency, n + 1);
      return n < windowCalls;
    });
    if (competencies.length === 0 || stays.length >= LEARNER_BOUNDS.results_max) continue;
    stays.push(competencies.length === r.competencies.length ? r : { ...r, competencies });
  }
  return stays.reverse();
}

/** Perfect scoring: the same form, answered with what the agent truly did in the call. What no behaviour tells about is N/A. */
import type { EvaluationResult } from '@coachloop/contracts';
import { type CompiledForm, type Finding, totalsOf } from '@coachloop/scorecard';
import type { Behaviour, Shown } from '@coachloop/simulator';

/** Question of the default forms → what the agent must have done, all of it. */
export const BEHAVIOURS_OF_QUESTION: Readonly<Record<string, readonly Behaviour[]>> = {
  greeting: ['greets'],
  'answered-in-3-rings': ['answers-promptly'],
  closing: ['closes'],
  'satisfaction-asked': ['asks-satisfaction'],
  courtesy: ['uses-courtesy', 'stays-polite'],
  'no-dispute': ['avoids-dispute'],
  'no-forbidden-phrase': ['stays-polite'],
  empathy: ['empathises'],
  'identity-checked': ['verifies-identity'],
  'need-confirmed': ['restates-need'],
  'solved-or-promised': ['offers-solution'],
  'complaint-empathy': ['empathises'],
  'complaint-follow-up': ['commits-follow-up'],
  'hold-announced': ['announces-hold'],
  'no-long-silence': ['avoids-silence'],
  'no-talk-over': ['avoids-talk-over'],
  'speech-rate': ['keeps-pace'],
};

/** Null: the simulator knows nothing of it, or the call gave no occasion. */
export function trueAnswer(questionId: string, shown: Shown): boolean | null {
  const behaviours = BEHAVIOURS_OF_QUESTION[questionId];
  if (!behaviours || behaviours.some((each) => shown[each] === undefined)) return null;
  return behaviours.every((each) => shown[each] === true);
}

const VALUES = { true: 'yes', false: 'no', null: 'na' } as const;

/** The evaluation with true answers in the place of those that were heard. */
export function withTrueAnswers(form: CompiledForm, evaluation: EvaluationResult, shown: Shown): EvaluationResult {
  const findings = form.questions.map(
    ({ question }): Finding => ({
      value: VALUES[`${trueAnswer(question.id, shown)}`],
      reason: 'oracle',
      evidence: [],
    }),
  );
  const { answers, competencies, autoFailedBy, scorer: _, ...totals } = totalsOf(form, findings);
  return {
    ...evaluation,
    ...totals,
    answers: [...answers],
    competencies: [...competencies],
    autoFailedBy: [...autoFailedBy],
  };
}

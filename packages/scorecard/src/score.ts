/** Scoring: a pure function of a call and a form. The same call and the same form version give the same bytes. */
import type { Answer, CompetencyScore } from '@coachloop/contracts';
import type { ScoredCall } from './call.ts';
import { type Finding, na } from './finding.ts';
import type { CompiledForm, CompiledQuestion } from './form/compile.ts';
import { languageOf } from './language.ts';
import type { Speakers } from './speakers.ts';
import { type CallView, viewOf } from './view.ts';

/** Changes whenever the same form could answer differently. */
export const SCORER = { kind: 'rules', version: 'rules-1' } as const;

export interface ScoreResult {
  readonly form: { readonly id: string; readonly version: number };
  readonly scorer: typeof SCORER;
  readonly language: string | undefined;
  readonly speakers: Speakers['basis'];
  /** 0–100; null: nothing was answerable. */
  readonly score: number | null;
  readonly criticalScore: number | null;
  readonly passMark: number;
  readonly passed: boolean | null;
  readonly autoFailedBy: readonly string[];
  readonly answers: readonly Answer[];
  readonly competencies: readonly CompetencyScore[];
}

export function score(compiled: CompiledForm, call: ScoredCall): ScoreResult {
  const language = languageOf(call);
  const view = viewOf(call, language);
  const findings = compiled.questions.map((question) => answerOf(question, view));
  const { form, scorer, ...totals } = totalsOf(compiled, findings);
  return { form, scorer, language, speakers: view.speakers, ...totals };
}

/** What answers amount to, wherever they come from: one finding per question of the form, in its order. */
export function totalsOf(
  compiled: CompiledForm,
  findings: readonly Finding[],
): Omit<ScoreResult, 'language' | 'speakers'> {
  const weights = weightsOf(compiled, findings);
  const answers = compiled.questions.map(({ question }, n): Answer => {
    const finding = findings[n] ?? na('no-rule');
    return {
      questionId: question.id,
      competency: question.competency,
      value: finding.value,
      weight: round(weights[n] ?? 0, 4),
      critical: question.critical ?? false,
      autoFail: question.autoFail ?? false,
      reason: finding.reason,
      evidence: [...finding.evidence],
    };
  });
  const total = shareOfYes(answers, weights, () => true);
  const autoFailedBy = answers.flatMap((one) => (one.autoFail && one.value === 'no' ? [one.questionId] : []));
  return {
    form: { id: compiled.form.id, version: compiled.form.version },
    scorer: SCORER,
    score: total,
    criticalScore: shareOfYes(answers, weights, (one) => one.critical),
    passMark: compiled.form.passMark,
    passed: total === null ? null : total >= compiled.form.passMark && autoFailedBy.length === 0,
    autoFailedBy,
    answers,
    competencies: compiled.competencies.map((competency): CompetencyScore => {
      const own = (one: Answer) => one.competency === competency;
      const answered = answers.filter((one) => own(one) && one.value !== 'na').length;
      return { competency, score: shareOfYes(answers, weights, own), answered };
    }),
  };
}

function answerOf({ when, check }: CompiledQuestion, view: CallView): Finding {
  // Quality is asked of a conversation. Without one, not even the rings are held against anybody.
  if (view.call.abandoned) return na('abandoned');
  if (view.any.places.length === 0) return na('no-transcript');
  if (when) {
    const applies = when(view);
    if (applies.value === 'no') return na('not-applicable');
    if (applies.value === 'na') return na(applies.reason);
  }
  return check(view);
}

/** Shares of the form in percent: N/A drops out, and its weight goes to the rest of its section, then of the form, in proportion. */
function weightsOf({ form, questions }: CompiledForm, findings: readonly Finding[]): number[] {
  const counted = questions.map(({ question }, n) => (findings[n]?.value === 'na' ? 0 : question.weight));
  const perSection = form.sections.map((_, s) =>
    questions.reduce((sum, { section }, n) => sum + (section === s ? (counted[n] ?? 0) : 0), 0),
  );
  const all = form.sections.reduce((sum, section, s) => sum + ((perSection[s] ?? 0) > 0 ? section.weight : 0), 0);
  return questions.map(({ section }, n) => {
    const inSection = perSection[section] ?? 0;
    if (inSection === 0 || all === 0) return 0;
    return (100 * (form.sections[section]?.weight ?? 0) * (counted[n] ?? 0)) / (inSection * all);
  });
}

/** Weighted share of yes among the answered, in percent; null: none was answered. Without any weight all count the same. */
function shareOfYes(
  answers: readonly Answer[],
  weights: readonly number[],
  counts: (answer: Answer) => boolean,
): number | null {
  let yes = 0;
  let all = 0;
  let plainYes = 0;
  let plain = 0;
  answers.forEach((answer, n) => {
    if (answer.value === 'na' || !counts(answer)) return;
    const weight = weights[n] ?? 0;
    all += weight;
    plain += 1;
    if (answer.value !== 'yes') return;
    yes += weight;
    plainYes += 1;
  });
  if (plain === 0) return null;
  return round(Math.min(100, all > 0 ? (100 * yes) / all : (100 * plainYes) / plain), 2);
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

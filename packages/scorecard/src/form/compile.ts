/** A form made ready for scoring; once per version. */
import { FormError } from '../errors.ts';
import type { Check, Finding } from '../finding.ts';
import type { Compile } from '../rules/common.ts';
import { compileRule } from '../rules/index.ts';
import { compileMatcher, type Matcher } from '../text/matcher.ts';
import type { CallView } from '../view.ts';
import type { Rule } from './rule-schema.ts';
import type { Form, Question } from './schema.ts';

export interface CompiledQuestion {
  readonly question: Question;
  /** Number of its section. */
  readonly section: number;
  /** Absent: it always applies. */
  readonly when: Check | undefined;
  readonly check: Check;
}

export interface CompiledForm {
  readonly form: Form;
  readonly questions: readonly CompiledQuestion[];
  /** In the order in which the form first names them. */
  readonly competencies: readonly string[];
}

/** Throws FormError PHRASE_INVALID, naming form and question. */
export function compileForm(form: Form): CompiledForm {
  const sets = form.sets ?? {};
  const matchers = new Map<string, Matcher>();
  const compile: Compile = (phrases, options) => {
    const bySound = form.soundAlike === true && options?.exact !== true;
    const key = JSON.stringify([bySound, phrases]);
    const matcher = matchers.get(key) ?? compileMatcher(phrases, sets, bySound);
    matchers.set(key, matcher);
    return matcher;
  };
  const conditions = new Map<string, Check>();
  const condition = (rule: Rule): Check => {
    const key = JSON.stringify(rule);
    const check = conditions.get(key) ?? once(compileRule(rule, compile));
    conditions.set(key, check);
    return check;
  };
  const questions = form.sections.flatMap((section, s) =>
    section.questions.map((question, q): CompiledQuestion => {
      try {
        return {
          question,
          section: s,
          when: question.when ? condition(question.when) : undefined,
          check: compileRule(question.rule, compile),
        };
      } catch (error) {
        if (!(error instanceof FormError)) throw error;
        const where = `form ${form.id} version ${form.version}, question ${question.id}`;
        throw new FormError(error.code, `${where}: ${error.message}`, `/sections/${s}/questions/${q}`);
      }
    }),
  );
  const competencies = [...new Set(questions.map(({ question }) => question.competency))];
  return { form, questions, competencies };
}

/** Several questions share a condition: it is looked at once per call. */
function once(check: Check): Check {
  let last: { readonly view: CallView; readonly finding: Finding } | undefined;
  return (view) => {
    if (last?.view !== view) last = { view, finding: check(view) };
    return last.finding;
  };
}

/** Scoring without a server: for the command line and for trying out a form. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { CallRecord, EvaluationResult } from '@coachloop/contracts';
import { type CompiledForm, compileForm, type Form, FormError, parseForm } from '@coachloop/scorecard';
import { evaluate } from './domain/evaluation.ts';
import { loadForms, loadLexicons } from './forms.ts';

/**
 * The evaluation of one call, the same bytes as a platform with these forms makes of it. `form`: the id of one of them (its highest
 * version, or `id/version`), or the path of a YAML file; absent: the published form for the call's language and channel.
 * Null: no form fits. Throws FormError for a form that is unknown or wrong.
 */
export function scoreRecord(
  call: CallRecord,
  form?: string,
  forms: readonly CompiledForm[] = loadForms(),
): EvaluationResult | null {
  if (form === undefined) return evaluate(forms, call);
  const { form: content, ...compiled } = formNamed(form, forms);
  // Asked for by name, it is used whatever language and channel it was made for.
  return evaluate([{ ...compiled, form: { ...content, languages: ['any'], channels: [call.channel] } }], call);
}

/** The form an evaluation was made with, for its questions' titles; `form` as it was given to `scoreRecord`. */
export const formOf = (
  { id, version }: EvaluationResult['form'],
  form?: string,
  forms: readonly CompiledForm[] = loadForms(),
): Form | undefined =>
  [...(form === undefined ? [] : [formNamed(form, forms)]), ...forms].find(
    (found) => found.form.id === id && found.form.version === version,
  )?.form;

function formNamed(name: string, forms: readonly CompiledForm[]): CompiledForm {
  if (/\.ya?ml$/.test(name)) return readForm(name);
  const [id, version] = name.split('/');
  const found = forms
    .filter(({ form }) => form.id === id && (version === undefined || form.version === Number(version)))
    .sort((a, b) => b.form.version - a.form.version)[0];
  if (found) return found;
  const known = forms.map(({ form }) => `${form.id}/${form.version}`);
  throw new FormError(
    'FORM_INVALID',
    `There is no form ${JSON.stringify(name)}; there are: ${known.join(', ')}, or a .yaml file.`,
  );
}

/** Lexicons are looked for beside the file, then among the default ones. */
const readForm = (path: string): CompiledForm =>
  compileForm(
    parseForm(readFileSync(path, 'utf8'), basename(path), [...loadLexicons(dirname(path)), ...loadLexicons()]),
  );

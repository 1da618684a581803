/** The default forms, as versioned YAML beside the sources. Read once, at the start of the process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CompiledForm, compileForm, FormError, type Lexicon, parseForm, parseLexicon } from '@coachloop/scorecard';

export const DEFAULT_FORMS_DIR = fileURLToPath(new URL('../forms/', import.meta.url));

const yamlFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort();

/** The shared phrase sets of a folder. Throws FormError. */
export const loadLexicons = (directory: string = DEFAULT_FORMS_DIR): readonly Lexicon[] =>
  yamlFiles(directory)
    .filter((name) => name.startsWith('lexicon.'))
    .map((name) => parseLexicon(readFileSync(join(directory, name), 'utf8'), name));

/**
 * Every `lexicon.*.yaml` and then every other `*.yaml` of a folder, compiled. Throws FormError, whose message names file and
 * line, for the first that is wrong; also where two files claim the same form version.
 */
export function loadForms(directory: string = DEFAULT_FORMS_DIR): readonly CompiledForm[] {
  const lexicons = loadLexicons(directory);
  const forms = yamlFiles(directory)
    .filter((name) => !name.startsWith('lexicon.'))
    .map((name) => ({
      name,
      compiled: compileForm(parseForm(readFileSync(join(directory, name), 'utf8'), name, lexicons)),
    }));
  const seen = new Map<string, string>();
  for (const { name, compiled } of forms) {
    const version = `${compiled.form.id} version ${compiled.form.version}`;
    const other = seen.get(version);
    if (other !== undefined)
      throw new FormError(
        'FORM_INVALID',
        `${name}: ${version} is already in ${other}; give it a new version`,
        '/version',
      );
    seen.set(version, name);
  }
  return forms.map(({ compiled }) => compiled);
}

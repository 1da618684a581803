/** The forms of a site. Apart from the rest, so that scoring a file loads no service. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadForms } from '@coachloop/qa-scoring/forms';
import type { CompiledForm } from '@coachloop/scorecard';
import { CliError } from '../errors.ts';
import { userPath } from '../paths.ts';

/** Undefined: it has none of its own. @throws FormError, CliError SITE_INVALID */
export function formsOfSite(folder: string | undefined): readonly CompiledForm[] | undefined {
  if (folder === undefined) return undefined;
  const directory = join(userPath(folder), 'forms');
  if (!existsSync(directory)) return undefined;
  const forms = loadForms(directory);
  if (forms.length > 0) return forms;
  throw new CliError('SITE_INVALID', `${directory} holds no form.`);
}

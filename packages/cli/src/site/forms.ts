/** The forms of a site. Apart from the rest, so that scoring a file loads no service. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadForms } from '@coachloop/qa-scoring/forms';
import type { CompiledForm } from '@coachloop/scorecard';
import { CliError } from '../errors.ts';
import { userPath } from '../paths.ts';

/** The folder that the environment names; undefined: all is as shipped. For commands that read no other setting. */
export const siteFolder = (): string | undefined => process.env.COACHLOOP_SITE?.trim() || undefined;

/** Its own, else those that are shipped. @throws FormError, CliError SITE_INVALID */
export function formsOfSite(folder: string | undefined): readonly CompiledForm[] {
  const directory = folder === undefined ? null : join(userPath(folder), 'forms');
  if (directory === null || !existsSync(directory)) return loadForms();
  const forms = loadForms(directory);
  if (forms.length > 0) return forms;
  throw new CliError('SITE_INVALID', `${directory} holds no form.`);
}

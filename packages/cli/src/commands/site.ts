/** `site`: a folder with what a site decides itself, to begin with and to check. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { printJson, printLine, printTable, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { SITE_FILE_NAMES, SITE_FILES, type SiteFile } from '../site/files.ts';
import { siteFolder } from '../site/forms.ts';
import { filesOfSite, readSite, type Site } from '../site/read.ts';

export function init(folder: string): void {
  const path = userPath(folder);
  try {
    mkdirSync(path, { recursive: true });
    if (readdirSync(path).length > 0)
      throw new CliError('ARGUMENT_INVALID', `${path} is not empty: nothing was written there.`);
    for (const name of SITE_FILE_NAMES) cpSync(SITE_FILES[name].shipped, join(path, name), { recursive: true });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('ARGUMENT_INVALID', `${path} cannot be made (${(error as NodeJS.ErrnoException).code}).`);
  }
  for (const name of SITE_FILE_NAMES) printLine(`${join(path, name)}: ${SITE_FILES[name].holds}`);
  remark('Remove what shall stay as shipped; check with `coachloop site check`, and set COACHLOOP_SITE to the folder.');
}

export function check(folder: string | undefined, { json }: { readonly json?: boolean }): void {
  const named = folder ?? siteFolder();
  const site = readSite(named);
  const own = named === undefined ? new Map<SiteFile, string>() : filesOfSite(named);
  const says = contentsOf(site);
  const files = SITE_FILE_NAMES.map((name) => ({ name, from: own.get(name) ?? 'as shipped', says: says[name] }));
  const warnings = warningsOf(site);
  if (json) printJson({ files, warnings });
  else
    printTable(
      ['FILE', 'FROM', 'SAYS'],
      files.map(({ name, from, says: what }) => [name, from, what]),
    );
  for (const warning of warnings) remark(`warning: ${warning}`);
}

function contentsOf({ scoring, training, evaluation, notification }: Site): Readonly<Record<SiteFile, string>> {
  const { rules, templates } = notification.policy;
  const forms = scoring.forms.map(({ form }) => `${form.id}/${form.version}`);
  return {
    forms: forms.join(', '),
    'triggers.yaml': `version ${training.policy.version}`,
    'courses.yaml': `${training.catalogue.competencies.length} competencies`,
    'reviews.yaml': `version ${evaluation.policy.version}`,
    'rules.yaml': `${rules.length} rules`,
    'templates.yaml': `${Object.keys(templates.templates).length} texts`,
  };
}

/** What is allowed, and hardly meant. */
function warningsOf({ scoring, training }: Site): readonly string[] {
  const taught = new Set(training.catalogue.competencies.map(({ competency }) => competency));
  const asked = new Set(
    scoring.forms.flatMap(({ form }) =>
      form.sections.flatMap(({ questions }) => questions.map(({ competency }) => competency)),
    ),
  );
  return [...asked]
    .filter((competency) => !taught.has(competency))
    .map(
      (competency) =>
        `forms ask about ${competency}, and courses.yaml has no course for it: its cases go to the team leader.`,
    );
}

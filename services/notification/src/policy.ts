/** Reads the files of rules and templates: I/O, so outside `domain/`. A fault stops the start, and says which file and where. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultOf, TOPIC_OF_TYPE } from '@coachloop/contracts';
import type { Static, TSchema } from 'typebox';
import { parse } from 'yaml';
import type { Policy } from './domain/inbox.ts';
import { RulesSchema } from './domain/rules.ts';
import { LANGUAGES, placeholdersOf, TemplatesSchema, VARIABLES } from './domain/templates.ts';
import { NotificationConfigError } from './errors.ts';

const own = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const DEFAULT_RULES_FILE = own('../rules/default.v1.yaml');
export const DEFAULT_TEMPLATES_FILE = own('../templates/default.v1.yaml');

/** Rules about these would feed themselves. */
const OWN_TYPES: readonly string[] = ['notification.created', 'notification.read'];

function readYaml<T extends TSchema>(file: string, schema: T): Static<T> {
  let data: unknown;
  try {
    data = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new NotificationConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const fault = faultOf(schema, data);
  if (fault) throw new NotificationConfigError(`${file} ${fault.pointer || '/'}: ${fault.message}`);
  return data as Static<T>; // just checked
}

export function readTemplates(file: string = DEFAULT_TEMPLATES_FILE) {
  const templates = readYaml(file, TemplatesSchema);
  for (const [name, texts] of Object.entries(templates.templates))
    for (const language of LANGUAGES)
      for (const part of ['title', 'body'] as const)
        for (const variable of placeholdersOf(texts[language][part]))
          if (!Object.hasOwn(VARIABLES, variable))
            throw new NotificationConfigError(
              `${file} /templates/${name}/${language}/${part}: {${variable}} is none of ${Object.keys(VARIABLES).join(', ')}`,
            );
  return templates;
}

/** Checks the rules against the event types and the templates, so that a typing error is found at the start. */
export function readPolicy(
  rulesFile: string = DEFAULT_RULES_FILE,
  templatesFile: string = DEFAULT_TEMPLATES_FILE,
): Policy {
  const templates = readTemplates(templatesFile);
  const { rules } = readYaml(rulesFile, RulesSchema);
  const seen = new Set<string>();
  for (const [i, rule] of rules.entries()) {
    const wrong = (field: string, why: string) =>
      new NotificationConfigError(`${rulesFile} /rules/${i}/${field}: ${why}`);
    if (seen.has(rule.id)) throw wrong('id', `${rule.id} is there twice`);
    if (TOPIC_OF_TYPE[rule.on] === undefined || OWN_TYPES.includes(rule.on))
      throw wrong('on', `${rule.on} is no event type that people can be told of`);
    if (!Object.hasOwn(templates.templates, rule.template)) throw wrong('template', `${rule.template} is no template`);
    seen.add(rule.id);
  }
  return { rules, templates };
}

/** The files of a site: what each is called, what it holds, and which one is shipped. */
import { DEFAULT_POLICY_FILE as DEFAULT_REVIEWS_FILE } from '@coachloop/evaluation';
import { DEFAULT_RULES_FILE, DEFAULT_TEMPLATES_FILE } from '@coachloop/notification';
import { DEFAULT_FORMS_DIR } from '@coachloop/qa-scoring/forms';
import { DEFAULT_CATALOGUE_FILE, DEFAULT_POLICY_FILE as DEFAULT_TRIGGERS_FILE } from '@coachloop/training-assignment';

export const SITE_FILES = {
  forms: {
    shipped: DEFAULT_FORMS_DIR,
    holds: 'by which questions calls are scored: lexicon.*.yaml and one file per form',
  },
  'triggers.yaml': { shipped: DEFAULT_TRIGGERS_FILE, holds: 'when a case opens, due dates, reminders, repeats' },
  'courses.yaml': { shipped: DEFAULT_CATALOGUE_FILE, holds: 'the courses of each competency' },
  'reviews.yaml': { shipped: DEFAULT_REVIEWS_FILE, holds: 'by how many calls, and when, a case is closed' },
  'rules.yaml': { shipped: DEFAULT_RULES_FILE, holds: 'who is told of what' },
  'templates.yaml': { shipped: DEFAULT_TEMPLATES_FILE, holds: 'the texts that people are told' },
} as const;

export type SiteFile = keyof typeof SITE_FILES;
export const SITE_FILE_NAMES = Object.keys(SITE_FILES) as SiteFile[];

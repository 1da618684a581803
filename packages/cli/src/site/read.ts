/** What a site decides itself: the files of the folder that COACHLOOP_SITE names. What is not there is as shipped. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EvaluationOptions, readPolicy as readReviews } from '@coachloop/evaluation';
import { type NotificationOptions, readPolicy as readNotices } from '@coachloop/notification';
import type { QaScoringOptions } from '@coachloop/qa-scoring';
import {
  readCatalogue,
  readPolicy as readTriggers,
  type TrainingAssignmentOptions,
} from '@coachloop/training-assignment';
import { nearest } from '../config/nearest.ts';
import { CliError } from '../errors.ts';
import { userPath } from '../paths.ts';
import { SITE_FILE_NAMES, type SiteFile } from './files.ts';
import { formsOfSite } from './forms.ts';

/** For the services of the same names; what is as shipped is in it, too, so that it is read once. */
export interface Site {
  readonly scoring: Required<QaScoringOptions>;
  readonly training: Required<TrainingAssignmentOptions>;
  readonly evaluation: Required<EvaluationOptions>;
  readonly notification: Required<Pick<NotificationOptions, 'policy'>>;
}

/** The files of a site that are there, by their names. @throws CliError SITE_INVALID */
export function filesOfSite(folder: string): ReadonlyMap<SiteFile, string> {
  const path = userPath(folder);
  let names: string[];
  try {
    names = readdirSync(path).filter((name) => !name.startsWith('.') && !/^readme/i.test(name));
  } catch (error) {
    throw new CliError('SITE_INVALID', `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  // A misspelt name would leave what is shipped in force without a word.
  const strange = names.find((name) => !(SITE_FILE_NAMES as readonly string[]).includes(name));
  if (strange !== undefined) {
    const meant = nearest(strange, SITE_FILE_NAMES);
    throw new CliError(
      'SITE_INVALID',
      `${join(path, strange)} is none of ${SITE_FILE_NAMES.join(', ')}${meant === null ? '' : `; ${meant} was meant, perhaps`}.`,
    );
  }
  return new Map(
    SITE_FILE_NAMES.flatMap((name) => (existsSync(join(path, name)) ? [[name, join(path, name)] as const] : [])),
  );
}

/** @throws CliError SITE_INVALID, FormError and the services' own errors of what is in a file */
export function readSite(folder: string | undefined): Site {
  const files: ReadonlyMap<SiteFile, string> = folder === undefined ? new Map() : filesOfSite(folder);
  return {
    scoring: { forms: formsOfSite(folder) },
    training: { policy: readTriggers(files.get('triggers.yaml')), catalogue: readCatalogue(files.get('courses.yaml')) },
    evaluation: { policy: readReviews(files.get('reviews.yaml')) },
    notification: { policy: readNotices(files.get('rules.yaml'), files.get('templates.yaml')) },
  };
}

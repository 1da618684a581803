/** Reads policy and catalogue files: I/O, so outside `domain/`. A fault stops the start, and says which file and where. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultOf } from '@coachloop/contracts';
import type { Static, TSchema } from 'typebox';
import { parse } from 'yaml';
import { type Catalogue, CatalogueSchema, type Policy, PolicySchema, policyContradiction } from './domain/policy.ts';
import { TrainingConfigError } from './errors.ts';

const own = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const DEFAULT_POLICY_FILE = own('../policies/default.v2.yaml');
export const DEFAULT_CATALOGUE_FILE = own('../catalogue/default.v1.yaml');

function readYaml<T extends TSchema>(file: string, schema: T): Static<T> {
  let data: unknown;
  try {
    data = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TrainingConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const fault = faultOf(schema, data);
  if (fault) throw new TrainingConfigError(`${file} ${fault.pointer || '/'}: ${fault.message}`);
  return data as Static<T>; // just checked
}

export function readPolicy(file: string = DEFAULT_POLICY_FILE): Policy {
  const policy = readYaml(file, PolicySchema);
  const fault = policyContradiction(policy);
  if (fault) throw new TrainingConfigError(`${file} ${fault.pointer}: ${fault.message}`);
  return policy;
}

export function readCatalogue(file: string = DEFAULT_CATALOGUE_FILE): Catalogue {
  const catalogue = readYaml(file, CatalogueSchema);
  const seen = new Set<string>();
  for (const { competency } of catalogue.competencies) {
    if (seen.has(competency)) throw new TrainingConfigError(`${file} /competencies: ${competency} is there twice`);
    seen.add(competency);
  }
  return catalogue;
}

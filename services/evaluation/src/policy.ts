/** Reads the policy file: I/O, so outside `domain/`. A fault stops the start, and says which file and where. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultOf } from '@coachloop/contracts';
import { parse } from 'yaml';
import { type Policy, PolicySchema, policyContradiction } from './domain/policy.ts';
import { EvaluationConfigError } from './errors.ts';

export const DEFAULT_POLICY_FILE = fileURLToPath(new URL('../policies/default.v3.yaml', import.meta.url));

export function readPolicy(file: string = DEFAULT_POLICY_FILE): Policy {
  let data: unknown;
  try {
    data = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new EvaluationConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const shape = faultOf(PolicySchema, data);
  if (shape) throw new EvaluationConfigError(`${file} ${shape.pointer || '/'}: ${shape.message}`);
  const policy = data as Policy; // just checked
  const fault = policyContradiction(policy);
  if (fault) throw new EvaluationConfigError(`${file} ${fault.pointer}: ${fault.message}`);
  return policy;
}

export type { Policy } from './domain/policy.ts';
export { EVALUATION_ERRORS, EvaluationConfigError } from './errors.ts';
export { DEFAULT_POLICY_FILE, readPolicy } from './policy.ts';
export { type EvaluationOptions, evaluation } from './service.ts';

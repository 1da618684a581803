export { CASE_COMMANDS, caseIdOfAssignment } from './domain/cases.ts';
export type { Catalogue, Policy } from './domain/policy.ts';
export { TRAINING_ERRORS, TrainingConfigError } from './errors.ts';
export { DEFAULT_CATALOGUE_FILE, DEFAULT_POLICY_FILE, readCatalogue, readPolicy } from './policy.ts';
export { type TrainingAssignmentOptions, trainingAssignment } from './service.ts';

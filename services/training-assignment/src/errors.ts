import { TRAINING_ERRORS as domain } from './domain/errors.ts';

/** Thrown while starting: a policy or catalogue file cannot be used. The message names the file, the place and the fault. */
export class TrainingConfigError extends Error {
  override readonly name = 'TrainingConfigError';
  readonly code = 'TRAINING_CONFIG_INVALID';
}

export const TRAINING_ERRORS = {
  ...domain,
  TRAINING_CONFIG_INVALID: {
    status: 500,
    title: 'A policy or catalogue file cannot be used; the service does not start',
    whatToDo:
      'Correct the place that the message names; `policies/default.v2.yaml` and `catalogue/default.v1.yaml` are examples.',
  },
  TRAINING_NOTHING_ACCEPTED: {
    status: 400,
    title: 'Nothing of the request could be accepted',
    whatToDo: 'Correct each event as `rejected` says, and send them again.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The same key or source id came with another content',
    whatToDo: 'Repeat a report unchanged, or give a new report its own `sourceId` (and `Idempotency-Key`).',
  },
} as const;

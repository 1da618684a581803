/** Thrown while starting: the policy file cannot be used. The message names the file, the place and the fault. */
export class EvaluationConfigError extends Error {
  override readonly name = 'EvaluationConfigError';
  readonly code = 'EVALUATION_CONFIG_INVALID';
}

export const EVALUATION_ERRORS = {
  EVALUATION_CONFIG_INVALID: {
    status: 500,
    title: 'The policy file cannot be used; the service does not start',
    whatToDo: 'Correct the place that the message names; `policies/default.v3.yaml` is an example.',
  },
  EVALUATION_TIME_INVALID: {
    status: 422,
    title: 'A time in an event cannot be read',
    whatToDo: 'Correct the producer; times are RFC 3339 in UTC.',
  },
  EVALUATION_WINDOWS_FULL: {
    status: 409,
    title: 'An agent has too many trainings under re-evaluation at once',
    whatToDo: 'One case per competency may be open. Look for what opens more, then replay the dead letter.',
  },
} as const;

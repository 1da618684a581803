/** Every error that this service's domain gives; for the error catalogue. Codes are stable. */
import { DomainError } from '@coachloop/contracts';

export const TRAINING_ERRORS = {
  TRAINING_ASSIGNMENT_UNKNOWN: {
    status: 404,
    title: 'There is no such assignment',
    whatToDo: 'Take the assignment id from `training.assigned` or from GET /training/v1/cases/{id}.',
  },
  TRAINING_CASE_UNKNOWN: {
    status: 404,
    title: 'An event speaks of a case that was never opened here',
    whatToDo: 'If the opening was parked as a dead letter, replay it first, then this one.',
  },
  TRAINING_COURSE_DIFFERS: {
    status: 422,
    title: 'The report is about another course than the one assigned',
    whatToDo: "Send the assignment's course id.",
  },
  TRAINING_LEARNER_DIFFERS: {
    status: 422,
    title: 'The report is about another learner than the agent of the assignment',
    whatToDo: "Send the agent's id, the learning system's own id, or no learner.",
  },
  TRAINING_TIME_INVALID: {
    status: 422,
    title: 'A reported time cannot be right',
    whatToDo: 'Send a time in UTC that is in the past.',
  },
  TRAINING_COMPLETED_TOO_EARLY: {
    status: 422,
    title: 'The course was finished before the calls that led to it had ended',
    whatToDo: 'Send the completion of the assigned course, not of an earlier one.',
  },
} as const;
export type TrainingErrorCode = keyof typeof TRAINING_ERRORS;

export const trainingError = (code: TrainingErrorCode, message: string, pointer?: string): DomainError =>
  new DomainError(code, message, TRAINING_ERRORS[code].status, pointer);

/** Errors that people meet at this service, for the catalogue. Forms that cannot be read are in `@coachloop/scorecard`. */
export const QA_SCORING_ERRORS = {
  EVALUATION_QUERY_INVALID: {
    status: 400,
    title: 'These filters do not go together',
    whatToDo: 'Give times with an offset, `from` before `to`, and `passed` only together with `agentId` or alone.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no such thing',
    whatToDo: 'Take the id from a list; evaluations appear after the call was completed.',
  },
} as const;

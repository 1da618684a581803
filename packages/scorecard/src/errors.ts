/** Every error of this package. */
export const SCORECARD_ERRORS = {
  FORM_SYNTAX: {
    status: 422,
    title: 'The form is not YAML',
    whatToDo: 'Correct the line that the message names.',
  },
  FORM_INVALID: {
    status: 422,
    title: 'The form does not have the shape of a form',
    whatToDo: 'Correct the field that the message names; the shape is in the documentation of scorecards.',
  },
  PHRASE_INVALID: {
    status: 422,
    title: 'A phrase of a form cannot be read',
    whatToDo: 'Correct the phrase: close its brackets, define the sets it names, use fewer gaps.',
  },
} as const;
export type ScorecardErrorCode = keyof typeof SCORECARD_ERRORS;

/** A form, a lexicon or a phrase in one of them is wrong. The message names file, line and path. */
export class FormError extends Error {
  override readonly name = 'FormError';
  readonly code: ScorecardErrorCode;
  /** JSON pointer into the form; '' where the text cannot be read at all. */
  readonly pointer: string;
  readonly line: number | undefined;
  constructor(code: ScorecardErrorCode, message: string, pointer = '', line?: number) {
    super(message);
    this.code = code;
    this.pointer = pointer;
    this.line = line;
  }
}

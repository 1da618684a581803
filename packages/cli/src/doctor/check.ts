/** One thing that `doctor` looked at. */
export interface Check {
  readonly name: string;
  /** A hint is worth knowing and no reason to fail. */
  readonly status: 'ok' | 'hint' | 'problem';
  readonly detail: string;
}

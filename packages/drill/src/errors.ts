/** What ends a drill before its checks. */
const entry = (title: string, whatToDo: string) => ({ title, whatToDo }) as const;

const LOOK = 'What it said is shown, and the folder is kept: look there first.';

export const DRILL_ERRORS = {
  DRILL_DIED: entry('The platform ended although nothing had been done to it', LOOK),
  DRILL_NOT_READY: entry('The platform did not come back in time', LOOK),
  DRILL_NOT_STOPPED: entry('The platform did not stop in order when it was told to', LOOK),
  DRILL_NOT_PREPARED: entry('What a drill needs could not be made: a folder, topics, indexes', 'The reason is shown.'),
  DRILL_DISK_IGNORED: entry('The disk was full, and the platform did not stop as documented', LOOK),
  DRILL_BROKEN: entry('The drill itself broke', 'Nothing is said about the platform. That is a defect of the drill.'),
  DRILL_NOT_QUIET: entry(
    'There was always something left to handle',
    'What is behind, and what stands in its way, is shown by service and partition; the folder with what each process said is kept.',
  ),
  DRILL_NOT_ACKNOWLEDGED: entry(
    'A request was never acknowledged',
    'Its last answer is shown. If the machine is busy with other things, try a lower --rate.',
  ),
} as const;
export type DrillErrorCode = keyof typeof DRILL_ERRORS;

export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly code: DrillErrorCode;
  constructor(code: DrillErrorCode, detail: string) {
    const { title, whatToDo } = DRILL_ERRORS[code];
    super(`${title} (${code}): ${detail}\n${whatToDo}`);
    this.code = code;
  }
}

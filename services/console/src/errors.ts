export const CONSOLE_ERRORS = {
  CONSOLE_BUILD_FAILED: {
    title: 'The page could not be built',
    whatToDo: 'Install again (`npm ci`); if you changed services/console/web, run `npx tsc -p services/console/web`.',
  },
} as const;

export class ConsoleBuildError extends Error {
  override readonly name = 'ConsoleBuildError';
  readonly code = 'CONSOLE_BUILD_FAILED';
  constructor(cause: unknown) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    const { title, whatToDo } = CONSOLE_ERRORS.CONSOLE_BUILD_FAILED;
    super(`${title}: ${said} ${whatToDo}`, { cause });
  }
}

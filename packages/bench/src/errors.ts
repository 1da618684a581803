/** What can go wrong with a bench: always said in words, never as a stack trace. */
export class BenchError extends Error {
  override readonly name: string = 'BenchError';
}

/** The words of the command were wrong. */
export class UsageError extends BenchError {
  override readonly name = 'UsageError';
}

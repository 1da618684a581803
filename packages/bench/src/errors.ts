/** What can go wrong with a bench: always said in words, never as a stack trace. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}

/** A person never sees a stack trace: an error of ours says what was wrong and what to do; others say where they were logged. */
export function explain(error: unknown): never {
  const known =
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(known ? `coachloop: ${message} (${error.code})\n` : `coachloop: ${message}\n`);
  if (process.env.COACHLOOP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

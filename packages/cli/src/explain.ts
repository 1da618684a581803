/**
 * A person sees no stack trace without asking for it: an error of ours says what was wrong and what to do; of another one there
 * is its message alone.
 */
export function explain(error: unknown): never {
  const known =
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(known ? `coachloop: ${message} (${error.code})\n` : `coachloop: ${message}\n`);
  if (isDebug(process.env.COACHLOOP_DEBUG) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

/** As settings are read, without what reading them all would load. */
const isDebug = (text = ''): boolean => /^(true|1)$/i.test(text.trim());

/** Ctrl-C leaves no process, no mount and no folder behind: whoever waits is told, and cleans up on its usual way out. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly exitCode: number;
  readonly signal: NodeJS.Signals;
  constructor(signal: keyof typeof EXIT_CODES) {
    super(`${signal}: cleaning up (once more, and it ends at once, and leaves what it made)`);
    this.signal = signal;
    this.exitCode = EXIT_CODES[signal];
  }
}

/**
 * From now on. Rejects with `Stopped` at the first signal, or when nobody reads any more what is printed. One key press may come several times,
 * which does not cut the cleaning short; whoever presses once more is obeyed at once by `npm run`.
 */
export function untilStopped(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // whoever races with it is told
  for (const signal of SIGNALS)
    process.on(signal, () => {
      reject(new Stopped(signal));
    });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => reject(new Stopped('SIGPIPE')));
  return promise;
}

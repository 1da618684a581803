/** Ctrl-C leaves no process, no mount and no folder behind: whoever waits is told, and cleans up on its usual way out. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly exitCode: number;
  readonly signal: NodeJS.Signals;
  constructor(signal: (typeof SIGNALS)[number]) {
    super(`${signal}: cleaning up`);
    this.signal = signal;
    this.exitCode = EXIT_CODES[signal];
  }
}

/** From now on. Rejects with `Stopped` at the first signal; one key press may come several times, and none of them cuts the cleaning short. */
export function untilStopped(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // whoever races with it is told
  for (const signal of SIGNALS)
    process.on(signal, () => {
      reject(new Stopped(signal));
    });
  return promise;
}

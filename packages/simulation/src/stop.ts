/** Ctrl-C ends the processes that run seeds, and there is a last line all the same. The drill stops so as well. */

export const STOP_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** The reason of the abort. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly signal: keyof typeof EXIT_CODES;
  readonly exitCode: number;

  constructor(signal: keyof typeof EXIT_CODES) {
    super(`stopped by ${signal}`);
    this.signal = signal;
    this.exitCode = EXIT_CODES[signal];
  }
}

/** From now on. One key press may come several times, from the terminal and from npm: the first one counts. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop.abort(new Stopped(signal)));
  return stop.signal;
}

/** Null: it goes on. */
export const stoppedBy = ({ reason }: AbortSignal): Stopped | null => (reason instanceof Stopped ? reason : null);

/** Ctrl-C leaves no process, no mount and no folder behind: whoever waits is told, and cleans up on its usual way out. */
import { STOP_SIGNALS, Stopped } from '@coachloop/simulation/stop';

/**
 * From now on. Rejects with `Stopped` at the first signal, or when nobody reads any more what is printed. One key press may come several times,
 * which does not cut the cleaning short; whoever presses once more is obeyed at once by `npm run`.
 */
export function untilStopped(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // whoever races with it is told
  for (const signal of STOP_SIGNALS)
    process.on(signal, () => {
      reject(new Stopped(signal));
    });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => reject(new Stopped('SIGPIPE')));
  return promise;
}

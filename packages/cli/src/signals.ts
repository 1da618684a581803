/** The first Ctrl-C stops clean within a bound, the second one at once. */
import { explain } from './explain.ts';

/** One Ctrl-C arrives several times: from the terminal, and from npm and the bootstrap, which pass on what they get. */
const SAME_KEY_PRESS_MS = 250;

/**
 * To be called before anything is started, for a signal may come at any moment: until it is told how to stop, there is nothing
 * to wait for, since what was acknowledged is on disk. Returns what to tell it with.
 */
export function stopOnSignals(stopMsMax: number): (stop: () => Promise<void>) => void {
  let stop: (() => Promise<void>) | null = null;
  let stoppingSinceMs: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stoppingSinceMs !== null && performance.now() - stoppingSinceMs <= SAME_KEY_PRESS_MS) return;
    if (stoppingSinceMs !== null || stop === null) process.exit(signal === 'SIGINT' ? 130 : 143);
    stoppingSinceMs = performance.now();
    process.stderr.write('Stopping…\n');
    const late = setTimeout(() => {
      process.stderr.write('It took too long; stopping at once. Nothing acknowledged is lost.\n');
      process.exit(1);
    }, stopMsMax);
    late.unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => explain(error),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return (how) => {
    stop = how;
  };
}

// One Ctrl-C arrives several times: from the terminal, again from npm, which forwards what it gets, and again from a
// parent bootstrap. What comes within this time is the same key press.
const sameKeyPressMs = 250;

/**
 * Calls `first(signal)` for the first request to stop and `second(signal)` for each later one.
 * @param {(signal: NodeJS.Signals) => void} first
 * @param {(signal: NodeJS.Signals) => void} second
 * @returns {() => void} stops listening
 */
export function onStopSignals(first, second) {
  /** @type {number | undefined} */
  let firstAt;
  /** @param {NodeJS.Signals} signal */
  const listen = (signal) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      first(signal);
    } else if (now - firstAt > sameKeyPressMs) {
      second(signal);
    }
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listen);
  return () => {
    for (const signal of signals) process.off(signal, listen);
  };
}

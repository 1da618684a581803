/** What a key press in a terminal is, and what two are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SIGNALS = join(import.meta.dirname, '../src/signals.ts');
/** Stops when it is told how long that takes. `then` is what it does before it says that it is ready. */
const program = (stopMs: number, then = '') => `
  const { stopOnSignals } = await import(${JSON.stringify(SIGNALS)});
  setInterval(() => {}, 1_000);
  stopOnSignals(60_000)(() => new Promise((done) => setTimeout(done, ${stopMs})));
  ${then}
  console.log('ready');`;

/** Signals at these times, in milliseconds of a clock that nothing else moves. */
const interruptedAt = (...times: readonly number[]) => `
  let nowMs = 0;
  performance.now = () => nowMs;
  for (nowMs of ${JSON.stringify(times)}) process.emit('SIGINT', 'SIGINT');`;

async function start(stopMs: number, then?: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(stopMs, then)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const code = once(child, 'exit').then(([found]) => found as number);
  await Promise.race([once(child.stdout, 'data'), code]);
  return { child, code };
}

it('one key press that arrives three times at once stops clean', async () => {
  const { code } = await start(400, interruptedAt(1_000, 1_015, 1_250));
  expect(await code).toBe(0);
});

it('a second one, later, stops at once', async () => {
  const { child, code } = await start(90_000);
  child.kill('SIGINT');
  const again = setInterval(() => child.kill('SIGINT'), 50);
  expect(await code).toBe(130);
  clearInterval(again);
});

/** What a key press in a terminal is, and what two are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';

const SIGNALS = join(import.meta.dirname, '../src/signals.ts');
/** Stops when it is told how long that takes. */
const program = (stopMs: number) => `
  const { stopOnSignals } = await import(${JSON.stringify(SIGNALS)});
  setInterval(() => {}, 1_000);
  stopOnSignals(5_000)(() => new Promise((done) => setTimeout(done, ${stopMs})));
  console.log('ready');`;

async function start(stopMs: number) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(stopMs)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const code = once(child, 'exit').then(([found]) => found as number);
  await once(child.stdout, 'data');
  return { child, code };
}

it('one key press that arrives three times at once stops clean', async () => {
  const { child, code } = await start(400);
  for (let i = 0; i < 3; i += 1) {
    child.kill('SIGINT');
    await wait(15);
  }
  expect(await code).toBe(0);
});

it('a second one, later, stops at once', async () => {
  const { child, code } = await start(60_000);
  child.kill('SIGINT');
  const again = setInterval(() => child.kill('SIGINT'), 50);
  expect(await code).toBe(130);
  clearInterval(again);
});

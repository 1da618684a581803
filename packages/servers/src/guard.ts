/**
 * Runs a command and ends with it; and ends it, at once, when the process that started us is gone, however that went: the
 * channel to it closes even after kill -9. Nobody else may then be left to tidy up, so the folder goes as well.
 * `node guard.ts FOLDER COMMAND ARG…`
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder = '', command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: folder });

// Ctrl-C reaches the whole group of a terminal; our parent decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.on('message', (signal) => {
  if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGSTOP' || signal === 'SIGCONT') child.kill(signal);
});
process.on('disconnect', () => {
  child.kill('SIGCONT');
  child.kill('SIGKILL');
});
child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => {
  if (!process.connected) rmSync(folder, { recursive: true, force: true });
  process.exit(code ?? 1);
});

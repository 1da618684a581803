import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onStopSignals } from './signals.mjs';

/** Ends the bootstrap with this message (none if empty) and exit code. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

/** npm's program file: that of the npm that started us, else that of this Node, else that of the first npm on PATH. */
export function findNpm(env = process.env, execPath = process.execPath) {
  const bin = dirname(realpathSync(execPath));
  const pathFolders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...(env.npm_execpath?.endsWith('npm-cli.js') ? [env.npm_execpath] : []),
    ...[bin, ...pathFolders].flatMap((folder) => [
      join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      ...(existsSync(join(folder, 'npm')) ? [realpathSync(join(folder, 'npm'))] : []),
    ]),
  ];
  const found = candidates.find((file) => file.endsWith('npm-cli.js') && existsSync(file));
  if (found === undefined) {
    throw new SetupError(
      'npm was not found, neither beside this Node nor on PATH; install Node together with its npm.',
    );
  }
  return found;
}

/**
 * Runs npm, shows that it goes on, and what it says if it fails. Throws a SetupError when it fails or is interrupted.
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} purpose what did not happen if it fails, for the message
 */
export async function runNpm(args, cwd, purpose) {
  // The level is given, for under `npm run -s` we inherit silence, and an error would be without its reason. npm's own
  // waits between tries add up to over a minute, a long time to learn that one is offline.
  const waits = ['--fetch-retry-mintimeout=1000', '--fetch-retry-factor=3'];
  const flags = ['--loglevel=error', '--no-audit', '--no-fund', ...waits];
  const child = spawn(process.execPath, [findNpm(), ...args, ...flags], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  /** @type {NodeJS.Signals | undefined} */
  let stoppedBy;
  const off = onStopSignals(
    (signal) => {
      stoppedBy = signal;
      child.kill(signal);
    },
    () => child.kill('SIGKILL'),
  );
  const stopProgress = showProgress();
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal));
  }).finally(() => {
    stopProgress();
    off();
  });
  if (stoppedBy !== undefined) throw new SetupError('', 128 + constants.signals[stoppedBy]);
  if (code === 0) return;
  process.stderr.write(withoutStack(complaints));
  throw new SetupError(
    `${purpose} (npm ${args[0]} ended with ${code}; its reason stands above).\n` +
      'coachloop: Is the network there, and does `npm ping` reach your registry? Then start again: nothing half-done is kept.',
  );
}

/** The time that has gone by: on a terminal a line that counts, in a log one every ten seconds. */
function showProgress() {
  const { isTTY } = process.stderr;
  const started = performance.now();
  const timer = setInterval(
    () => process.stderr.write(isTTY ? `\r  … ${seconds(started)} ` : `coachloop: … ${seconds(started)}\n`),
    isTTY ? 200 : 10_000,
  );
  return () => {
    clearInterval(timer);
    if (isTTY) process.stderr.write('\r\x1b[K');
  };
}

/**
 * npm's reasons without the stack and the fields of its error object, which it prints for a failed connection.
 * @param {string} complaints
 */
function withoutStack(complaints) {
  return complaints
    .split('\n')
    .filter((line) => !/^npm error( +at .*| {2,}\w+: .*| *\}?)$/.test(line))
    .join('\n');
}

/** @param {string} message */
export function say(message) {
  process.stderr.write(`coachloop: ${message}\n`);
}

/** @param {number} since reading of `performance.now()` */
export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

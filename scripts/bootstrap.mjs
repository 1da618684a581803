// The one way in: `node scripts/bootstrap.mjs <args>` runs the coachloop command with <args>,
// `node scripts/bootstrap.mjs --run FILE <args>` another TypeScript file. Plain JavaScript without dependencies, because
// it has to work in a bare clone on a Node that is older than the one that the sources need. It brings Node 26 and
// node_modules when they are missing (setup.mjs, loaded only then). It writes to stderr alone: stdout is the command's.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import nodeModule from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeMajor, runtimeBinary } from './bootstrap/runtime.mjs';
import { onStopSignals } from './bootstrap/signals.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const defaultProgram = join('packages', 'cli', 'src', 'main.ts');

/** The file in node_modules that remembers for which package-lock.json it was installed. */
const stampFile = join(root, 'node_modules', '.coachloop-installed');

/**
 * @param {number} major
 * @param {number} minor
 */
function nodeIsAtLeast(major, minor) {
  const [ours = 0, oursMinor = 0] = process.versions.node.split('.').map(Number);
  return ours > major || (ours === major && oursMinor >= minor);
}

/**
 * Runs this file again under Node 26, as a child that gets our signals, dies with us, and whose exit code is ours.
 * @param {string} node
 * @param {string[]} args
 */
function runUnder(node, args) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], {
    // The channel carries no messages: its end tells the child that we were killed, so that no server is left behind.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, COACHLOOP_SUPERVISOR: String(process.pid) },
  });
  onStopSignals(
    (signal) => {
      // On Windows a console's Ctrl-C reaches the child by itself, and kill() would end it without a chance to stop.
      if (process.platform !== 'win32') child.kill(signal);
    },
    () => child.kill('SIGKILL'),
  );
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
}

function watchSupervisor() {
  const supervisor = process.env.COACHLOOP_SUPERVISOR;
  delete process.env.COACHLOOP_SUPERVISOR;
  if (supervisor !== String(process.ppid) || !process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}

/**
 * Relative paths belong to the folder in which the user stands. `npm run` changes to the project's root and leaves that
 * folder in INIT_CWD, which is then taken away, for a process started from here was not started by that npm.
 */
function setUserFolder() {
  const byNpm = process.env.npm_lifecycle_script?.includes('scripts/bootstrap.mjs');
  process.env.COACHLOOP_CWD = (byNpm && process.env.INIT_CWD) || process.cwd();
  delete process.env.INIT_CWD;
}

/** Tools like tsc, turbo and vitest start as `#!/usr/bin/env node`: they too have to find this Node first. */
function putNodeFirstOnPath() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const key = Object.keys(process.env).find((variable) => variable.toUpperCase() === 'PATH') ?? 'PATH';
  const path = process.env[key] ?? '';
  const first = path.split(delimiter).find((folder) => folder !== '' && existsSync(join(folder, name)));
  if (first !== undefined && realpathSync(join(first, name)) === realpathSync(process.execPath)) return;
  process.env[key] = dirname(process.execPath) + (path === '' ? '' : delimiter + path);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function isInstalled() {
  try {
    return readFileSync(stampFile, 'utf8') === lockHash();
  } catch {
    return false;
  }
}

/** @param {string[]} args */
function program(args) {
  if (args[0] !== '--run') return { file: resolve(root, defaultProgram), rest: args };
  if (args[1] === undefined) return fail('--run needs a file: node scripts/bootstrap.mjs --run FILE [arguments]');
  return { file: resolve(args[1]), rest: args.slice(2) };
}

/** @param {string[]} args */
async function main(args) {
  if (!nodeIsAtLeast(20, 19)) {
    fail(`Node ${process.versions.node} is too old: version 20.19 or newer is needed to start (https://nodejs.org).`);
  }
  if (!nodeIsAtLeast(nodeMajor, 0)) {
    const node = runtimeBinary(root);
    if (!existsSync(node)) await (await import('./bootstrap/setup.mjs')).fetchNode(root);
    return runUnder(node, args);
  }
  watchSupervisor();
  const { file, rest } = program(args);
  if (!existsSync(file)) fail(`there is no file ${file} to run`);
  if (!isInstalled())
    await (await import('./bootstrap/setup.mjs')).installPackages(root, isInstalled, stampFile, lockHash);
  setUserFolder();
  putNodeFirstOnPath();
  onStopSignals(
    (signal) => {
      // A program without a handler of its own ends as it would without ours.
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    },
    () => process.kill(process.pid, 'SIGKILL'),
  );
  // Halves the time that the services' libraries take to load; `npm ci` clears it with the rest of node_modules.
  nodeModule.enableCompileCache(join(root, 'node_modules', '.cache', 'node'));
  process.argv = [process.execPath, file, ...rest];
  await import(pathToFileURL(file).href);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`coachloop: ${message}\n`);
  process.exit(1);
}

main(process.argv.slice(2)).catch((error) => {
  if (error?.name !== 'SetupError') throw error;
  if (error.message) process.stderr.write(`coachloop: ${error.message}\n`);
  process.exit(error.exitCode);
});

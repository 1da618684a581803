import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './workspaces.ts';

export type TaskResult = { package: string; folder: string; ok: boolean; cached: boolean };

type RunSummary = {
  tasks: {
    package: string;
    task: string;
    directory: string;
    cache: { status: string };
    execution?: { exitCode: number };
  }[];
};

/** Turbo's own words about itself; what the tasks say passes. */
const noise =
  /^\s*(• |(Tasks|Cached|Time|Summary|Failed): )|: cache (miss, executing|hit, suppressing|hit, replaying)|:\w+: $|^\s*$/;

const environment = {
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  // The scripts' banner and npm's report of a failed script tell nothing that the tool itself did not.
  npm_config_loglevel: 'silent',
};

const running = new Set<ChildProcess>();

function stop(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
  process.exit(128 + constants.signals[signal]);
}

/**
 * Runs one task in the given packages, prints what it prints, and says for each package how it went.
 * Throws when turbo itself fails, with its words.
 */
export async function runTask(
  task: string,
  packages: string[],
  options: { concurrency: number; env: Record<string, string>; logs: 'errors-only' | 'new-only' },
): Promise<TaskResult[]> {
  const args = [
    ...['run', task, '--summarize', '--continue=always', '--cache=local:rw', '--no-update-notifier'],
    ...[`--concurrency=${options.concurrency}`, `--output-logs=${options.logs}`, '--log-order=stream'],
    process.stdout.isTTY ? '--color' : '--no-color',
    ...packages.map((name) => `--filter=${name}`),
  ];
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const child = spawn(process.execPath, [turbo, ...args], {
    cwd: root,
    env: { ...process.env, ...environment, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (running.size === 0) process.on('SIGINT', stop).on('SIGTERM', stop);
  running.add(child);
  const complaints: string[] = [];
  let summary: string | undefined;
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  createInterface(child.stdout).on('line', (line) => {
    summary = /^\s*Summary:\s+(\S.*)$/.exec(line)?.[1]?.trim() ?? summary;
    if (!noise.test(line)) console.log(line.replace('@coachloop/', '  '));
  });
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)).finally(() => {
    running.delete(child);
    if (running.size === 0) process.off('SIGINT', stop).off('SIGTERM', stop);
  });
  if (summary === undefined) throw new Error(`turbo did not run:\n${complaints.join('\n')}`);
  const run: RunSummary = JSON.parse(readFileSync(summary, 'utf8'));
  return run.tasks
    .filter((entry) => entry.task === task)
    .map((entry) => ({
      package: entry.package,
      folder: entry.directory,
      ok: entry.cache.status === 'HIT' || entry.execution?.exitCode === 0,
      cached: entry.cache.status === 'HIT',
    }));
}

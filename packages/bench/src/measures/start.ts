/** `npm start` on a folder that is there already, against a Node that does nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '@coachloop/servers';
import { BenchError } from '../errors.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { rssOf } from '../report/machine.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const LOOK_MS = 10;
const READY_MS_MAX = 120_000;
/** Start-up garbage is collected by then. */
const REST_MS = 5_000;
const QUICK_REST_MS = 200;

async function startAndStop(directory: string, restMs: number): Promise<{ seconds: number; rssMiB: number }> {
  const port = String(await freePort());
  const words = ['start', '--silent', '--', '--no-demo', '--data', directory, '--port', port];
  const startMs = performance.now();
  const npm = spawn('npm', words, { cwd: ROOT, stdio: 'ignore', shell: process.platform === 'win32', detached: true });
  const exited = once(npm, 'exit');
  // A group of its own, so that nothing of it outlives a bench that is interrupted.
  const killAll = () => {
    if (npm.pid !== undefined && npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid, 'SIGKILL');
  };
  process.once('exit', killAll);
  let pid: number | undefined;
  try {
    while (!(await isReady(`http://127.0.0.1:${port}/readyz`))) {
      if (npm.exitCode !== null) throw new BenchError(`npm start ended with ${npm.exitCode}.`);
      if (performance.now() - startMs > READY_MS_MAX) throw new BenchError('npm start was not ready in time.');
      await setTimeout(LOOK_MS);
    }
    const seconds = (performance.now() - startMs) / 1_000;
    pid = (JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8')) as { pid: number }).pid;
    await setTimeout(restMs);
    return { seconds, rssMiB: rssOf(pid) };
  } finally {
    // The platform itself, not npm: what npm does with signals differs between its releases.
    if (pid === undefined) killAll();
    else process.kill(pid, 'SIGTERM');
    await exited;
    process.off('exit', killAll);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** The same Node with nothing to do: what of it is Node's own. */
function bareNode(): { seconds: number; rssMiB: number } {
  const startMs = performance.now();
  const { stdout } = spawnSync(process.execPath, ['-p', 'process.memoryUsage.rss()'], { encoding: 'utf8' });
  return { seconds: (performance.now() - startMs) / 1_000, rssMiB: Number(stdout) / 1024 ** 2 };
}

async function round({ quick, folder, note }: Settings) {
  const directory = join(folder, 'data');
  const restMs = quick ? QUICK_REST_MS : REST_MS;
  await startAndStop(directory, 0);
  const second = await startAndStop(directory, restMs);
  const bare = bareNode();
  note(
    `without the demo, on an empty folder that was started on before; memory ${restMs / 1_000} s after it was ready`,
  );
  return { bare: bare.seconds, second: second.seconds, bareRss: bare.rssMiB, rss: second.rssMiB };
}

export const start: MeasureSpec = {
  name: 'start',
  title: 'The second npm start',
  rounds: 5,
  rows: [
    { key: 'bare', name: 'Node that does nothing', unit: 's' },
    {
      key: 'second',
      name: 'npm start until /readyz says so',
      unit: 's',
      over: 'bare',
      goal: { atMost: 3, of: 'figure' },
    },
    { key: 'bareRss', name: 'memory of Node that does nothing', unit: 'MiB' },
    { key: 'rss', name: 'memory at rest', unit: 'MiB', over: 'bareRss' },
  ],
  round,
};

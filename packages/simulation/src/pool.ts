/** Several processes side by side, each with its share of the seeds. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Begin, Told } from './child.ts';
import type { Limits } from './faults.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export const asMessage = (limits: Limits): Begin['limits'] => ({ ...limits, without: [...limits.without] });

/** Rejects when a process ends otherwise than by itself; and ends it when `signal` says so. */
export function runChild(begin: Begin, onTold: (told: Told) => void, signal?: AbortSignal): Promise<void> {
  // Numbers that are infinite have no JSON.
  const child = fork(CHILD, [], {
    execArgv: ['--max-semi-space-size=128'], // a run makes much that does not last
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(signal ? { signal } : {}),
  });
  child.on('message', (told: Told) => onTold(told));
  // Who cannot be told has ended, or is ended; how, its exit tells.
  child.send(begin, (error) => {
    if (error) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`A process of the simulation ended with ${signal ?? code}.`));
    });
  });
}

/** Runs `work` over all items, `jobs` at a time; where one fails, or `stop` says so, all are told to end by their signal. Rejects then. */
export async function side<T>(
  items: readonly T[],
  jobs: number,
  stop: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const broken = new AbortController();
  const end = AbortSignal.any([broken.signal, stop]);
  const next = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, end);
  };
  try {
    await Promise.all(Array.from({ length: jobs }, next));
  } catch (error) {
    queue.length = 0;
    broken.abort();
    throw error;
  }
}

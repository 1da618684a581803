/** Plays on as many threads as there are cores; the results stand in the order of the tasks. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Played } from './play.ts';
import type { Task } from './task.ts';

export async function playAll(tasks: readonly Task[], onPlayed: (count: number) => void): Promise<readonly Played[]> {
  const played: Played[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url));
    try {
      for (let index = next++; index < tasks.length; index = next++) {
        worker.postMessage(tasks[index]);
        const [result]: Played[] = await once(worker, 'message');
        if (result) played[index] = result;
        onPlayed(++done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
  return played;
}

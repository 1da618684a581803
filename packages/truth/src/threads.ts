/** Plays on as many threads as there are cores; the results stand in the order of the tasks. */
import { on } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Played, Progress } from './play.ts';
import type { Task } from './task.ts';
import type { Told } from './thread.ts';

/** @param onTold how far which task is, and that it is done */
export async function playAll(
  tasks: readonly Task[],
  onTold: (index: number, progress: Progress, isDone: boolean) => void,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  let next = 0;
  const work = async () => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url));
    try {
      for (let index = next++; index < tasks.length; index = next++) {
        const task = tasks[index];
        if (!task) break;
        worker.postMessage(task);
        const result = await resultOf(worker, (progress) => onTold(index, progress, false));
        played[index] = result;
        onTold(index, { calls: result.calls, fewest: task.calls }, true);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
  return played;
}

/** Rejects where the thread does. */
async function resultOf(worker: Worker, onProgress: (progress: Progress) => void): Promise<Played> {
  for await (const [told] of on(worker, 'message') as AsyncIterable<[Told]>) {
    if ('played' in told) return told.played;
    onProgress(told.progress);
  }
  throw new Error('A thread ended without a result.');
}

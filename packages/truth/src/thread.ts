/** Entry of a worker thread: plays tasks one after the other, and says now and then how far it is. */
import { parentPort } from 'node:worker_threads';
import type { Played, Progress } from './play.ts';
import { runTask, type Task } from './task.ts';

export type Told = { readonly progress: Progress } | { readonly played: Played };

const TELL_EVERY_MS = 1_000;
/** The clock is looked at once in so many minutes of the centre. */
const LOOK_EVERY = 100;

const tell = (told: Told) => parentPort?.postMessage(told);

parentPort?.on('message', (task: Task) => {
  let lastMs = Number.NEGATIVE_INFINITY;
  let steps = 0;
  const played = runTask(task, (progressOf) => {
    steps += 1;
    if (steps % LOOK_EVERY !== 0 || performance.now() - lastMs < TELL_EVERY_MS) return;
    lastMs = performance.now();
    tell({ progress: progressOf() });
  });
  tell({ played });
});

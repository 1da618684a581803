/** Entry of a worker thread: plays tasks one after the other. */
import { parentPort } from 'node:worker_threads';
import { runTask, type Task } from './task.ts';

parentPort?.on('message', (task: Task) => parentPort?.postMessage(runTask(task)));

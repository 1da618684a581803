/** One run in a process of its own, on brokers and perhaps a database that are there already. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export type Job = { readonly brokers: readonly string[] } & (
  | { readonly kind: 'copy'; readonly total: number; readonly from: readonly string[]; readonly to: string }
  | { readonly kind: 'loop'; readonly mongoUri?: string }
  | { readonly kind: 'naive'; readonly mongoUri?: string; readonly sideBySide: boolean }
);

export interface JobResult {
  /** By all services. */
  readonly consumed: number;
  readonly produced: number;
  /** In how many batches it was consumed. */
  readonly batches: number;
  /** From the first record that somebody got until the last was handled. */
  readonly seconds: number;
  /** Of all threads of the process, in that time. */
  readonly cpuSeconds: number;
  /** To the database, in that time. */
  readonly commands: number;
}

export const messagesPerSecond = ({ consumed, produced, seconds }: JobResult): number =>
  (consumed + produced) / seconds;
export const cpuMsPerThousand = ({ consumed, produced, cpuSeconds }: JobResult): number =>
  (cpuSeconds * 1_000_000) / (consumed + produced);

/** @throws BenchError where its process ends without a result */
export function runJob(job: Job): Promise<JobResult> {
  const execArgv = ['--disable-warning=TimeoutNegativeWarning', '--disable-warning=MaxListenersExceededWarning'];
  const child = fork(CHILD, [JSON.stringify(job)], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise<JobResult>((resolve, reject) => {
    let result: JobResult | undefined;
    child.on('message', (message: JobResult) => {
      result = message;
    });
    child.on('exit', (code) => {
      process.off('exit', end);
      if (result) resolve(result);
      else reject(new BenchError(`The process of the ${job.kind} ended with ${code} and without a result.`));
    });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServerError } from './errors.ts';

const READY_MS_MAX = 120_000;
const LINES_KEPT = 30;

export interface GuardedOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs; removed should this process be killed. */
  readonly folder: string;
}

/** A child that does not outlive this process. Its output is read, and its last lines are kept for error messages. */
export class GuardedProcess {
  readonly #guard: ChildProcess;
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #exited: Promise<number>;
  #onLine: (line: string) => void = () => undefined;

  constructor({ name, command, args, folder }: GuardedOptions) {
    this.#name = name;
    this.#guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), folder, command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#exited = promise;
    this.#guard.on('exit', (code) => resolve(code ?? 1));
    for (const stream of [this.#guard.stdout, this.#guard.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#keep(line));
    }
  }

  /** Resolves with the exit code. */
  get exited(): Promise<number> {
    return this.#exited;
  }

  /** Resolves at the first line that matches; throws when it ends before, or does not come in time. */
  async ready(pattern: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(this.#failure(`was not ready in ${READY_MS_MAX / 1000} s`)), READY_MS_MAX);
    this.#onLine = (line) => pattern.test(line) && resolve();
    if (this.#lines.some((line) => pattern.test(line))) resolve();
    void this.#exited.then((code) => reject(this.#failure(`ended with code ${code}`)));
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#onLine = () => undefined;
    }
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#guard.connected) this.#guard.send(signal);
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
    this.#onLine(line);
  }

  #failure(what: string): ServerError {
    return new ServerError('SERVER_START_FAILED', `${this.#name} ${what}:\n${this.#lines.join('\n')}\n`);
  }
}

const STOP_MS_MAX = 30_000;

/** A server as a process of this machine: it can be killed, frozen, and started again on the same data. */
export abstract class ServerProcess {
  #process: GuardedProcess | undefined;

  /** Starts it; `ready` matches the line in which it says that it is. */
  protected abstract launch(): { readonly process: GuardedProcess; readonly ready: RegExp };

  async start(): Promise<void> {
    const { process, ready } = this.launch();
    this.#process = process;
    await process.ready(ready);
  }

  /** Resolves when it has ended, whoever did that. */
  async ended(): Promise<void> {
    await this.#process?.exited;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** An orderly shutdown, and kill -9 where that takes too long: then it resolves with false. */
  async stop(): Promise<boolean> {
    let orderly = true;
    const late = setTimeout(() => {
      orderly = false;
      this.#process?.signal('SIGKILL');
    }, STOP_MS_MAX);
    await this.#end('SIGTERM');
    clearTimeout(late);
    return orderly;
  }

  /** Freezes the process: its connections stay open and nobody answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#process?.signal(signal);
    await this.#process?.exited;
    this.#process = undefined;
  }
}

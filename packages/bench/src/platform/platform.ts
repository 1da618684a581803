/** The bench's side of a platform in another process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.ts';
import type { Ask, AtRest, ChildOptions, Tell, Usage } from './protocol.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface StartOptions extends ChildOptions {
  /** Where profiles of the processor are left when it ends. */
  readonly profiles?: string;
}

export class PlatformProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start({ profiles, ...options }: StartOptions): Promise<PlatformProcess> {
    mkdirSync(options.directory, { recursive: true });
    const execArgv = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
    const child = fork(CHILD, [JSON.stringify(options)], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const { url } = await answer(child, 'ready');
    return new PlatformProcess(child, url);
  }

  /** Waits until everything is handled and every outbox is empty. */
  atRest(): Promise<AtRest> {
    return this.#ask('rest');
  }

  usage(): Promise<Usage> {
    return this.#ask('usage');
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    await this.#ask('stop');
    await exited;
  }

  /** After a failure: nothing may go on running. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask<T extends Ask['ask']>(ask: T): Promise<Extract<Tell, { tell: T extends 'stop' ? 'stopped' : T }>> {
    const told = answer(this.#child, ask === 'stop' ? 'stopped' : ask);
    const message: Ask = { ask };
    this.#child.send(message);
    return told as Promise<Extract<Tell, { tell: T extends 'stop' ? 'stopped' : T }>>; // one answer per question
  }
}

/** @throws BenchError when the process ends instead */
function answer<T extends Tell['tell']>(child: ChildProcess, wanted: T): Promise<Extract<Tell, { tell: T }>> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      done();
    };
    const onMessage = (message: Tell) => {
      if (message.tell === wanted) settle(() => resolve(message as Extract<Tell, { tell: T }>));
    };
    const onExit = (code: number | null) =>
      settle(() => reject(new BenchError(`The platform's process ended with ${code} before it was ${wanted}.`)));
    child.on('message', onMessage).on('exit', onExit);
  });
}

/** Runs a platform for as long as `use` takes. */
export async function withPlatform<T>(
  options: StartOptions,
  use: (platform: PlatformProcess) => Promise<T>,
): Promise<T> {
  const platform = await PlatformProcess.start(options);
  try {
    const result = await use(platform);
    await platform.stop();
    return result;
  } catch (error) {
    platform.kill();
    throw error;
  }
}

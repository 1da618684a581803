/** Services as processes of their own, as an operator starts them. */
import type { ChildProcess } from 'node:child_process';
import { ended, type Result, type RunOptions, start } from './command.ts';

const children = new Set<ServiceProcess>();

/** For `afterAll`: nothing stays behind, whatever failed. */
export const killServices = async (): Promise<void> => {
  await Promise.all([...children].map((each) => each.end('SIGKILL')));
};

export class ServiceProcess {
  readonly child: ChildProcess;
  readonly #ended: Promise<Result>;
  #url = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    this.#ended = ended(child);
    children.add(this);
  }

  /** Resolves when it listens, which is before it can work. `names` as given to the command. */
  static async start(names: string, env: NonNullable<RunOptions['env']>, port = 0): Promise<ServiceProcess> {
    const child = start(['service', names, '--port', String(port)], { env });
    const found = new ServiceProcess(child);
    const listening = new Promise<string>((resolve) => {
      let text = '';
      child.stderr?.on('data', (chunk: string) => {
        text += chunk;
        const url = /listens on (http:\/\/[^;]+);/.exec(text)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    found.#url = await Promise.race([
      listening,
      found.#ended.then(({ stderr }) => Promise.reject(new Error(`${names} ended: ${stderr}`))),
    ]);
    return found;
  }

  get url(): string {
    return this.#url;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Result> {
    this.child.kill(signal);
    children.delete(this);
    return this.#ended;
  }

  async get<T>(path: string): Promise<{ readonly status: number; readonly body: T }> {
    const response = await fetch(this.url + path);
    return { status: response.status, body: (await response.json()) as T };
  }

  async post(path: string, body: object): Promise<{ readonly status: number }> {
    const headers = { 'content-type': 'application/json' };
    return fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async isReady(): Promise<boolean> {
    return (await this.get('/readyz').catch(() => null))?.status === 200;
  }
}

/** The real command, as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const environment = (env: RunOptions['env']): NodeJS.ProcessEnv => {
  const {
    COACHLOOP_URL: _,
    COACHLOOP_DATA: __,
    COACHLOOP_CWD: ___,
    PORT: ____,
    HOST: _____,
    ...inherited
  } = process.env;
  // As the bootstrap does: halves the time to load.
  const cache = resolve(import.meta.dirname, '../../../../node_modules/.cache/node');
  return { ...inherited, NO_COLOR: '1', NODE_COMPILE_CACHE: cache, ...env };
};

export function start(args: readonly string[], { env, cwd }: RunOptions = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(env),
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const said of [child.stdout, child.stderr]) said.setEncoding('utf8'); // a chunk may end within a character
  return child;
}

export async function ended(child: ChildProcess): Promise<Result> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export const coachloop = (args: readonly string[], options?: RunOptions): Promise<Result> =>
  ended(start(args, options));

/** For a command that must go well and prints JSON. */
export async function json<T>(args: readonly string[], options?: RunOptions): Promise<T> {
  const { code, stdout, stderr } = await coachloop([...args, '--json'], options);
  if (code !== 0) throw new Error(`coachloop ${args.join(' ')} exited with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
}

const folders: string[] = [];
/** Removed when the tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coachloop-cli-'));
  folders.push(folder);
  return folder;
}

const platforms: Platform[] = [];
const doomed: ChildProcess[] = [];

/** For `afterAll`: nothing stays behind, whatever failed. */
export async function cleanUp(): Promise<void> {
  for (const platform of platforms.splice(0)) await platform.kill();
  for (const child of doomed.splice(0)) child.kill('SIGKILL'); // nothing, if it came to its end
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** An `up` that is armed to kill itself, perhaps before it says that it is ready. Tells by which signal it ended. */
export async function doomedUp(directory: string, port: number, crashAt: string): Promise<NodeJS.Signals | null> {
  const child = start(['up', '--no-demo', '--data', directory, '--port', String(port)], {
    env: { COACHLOOP_CRASH_AT: crashAt },
  });
  doomed.push(child);
  await ended(child);
  return child.signalCode;
}

/** A running `up`. */
export class Platform {
  readonly child: ChildProcess;
  readonly url: string;
  readonly directory: string;
  readonly #ended: Promise<Result>;

  private constructor(child: ChildProcess, url: string, directory: string, end: Promise<Result>) {
    this.child = child;
    this.url = url;
    this.directory = directory;
    this.#ended = end;
  }

  /** Resolves when it says that it is ready. `args` after `up`; without a demo unless told. */
  static async up(
    directory: string,
    options: RunOptions & { args?: readonly string[]; port?: number } = {},
  ): Promise<Platform> {
    const { args = ['--no-demo'], port = 0 } = options;
    const child = start(['up', '--data', directory, '--port', String(port), ...args], options);
    const end = ended(child);
    const url = await Promise.race([
      readyAt(child),
      end.then(({ stderr }) => Promise.reject(new Error(`up ended: ${stderr}`))),
    ]);
    const platform = new Platform(child, url, directory, end);
    platforms.push(platform);
    return platform;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** How it ends by itself or by what was done to it. */
  get end(): Promise<Result> {
    return this.#ended;
  }

  stop(): Promise<Result> {
    this.child.kill('SIGINT');
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

const readyAt = (child: ChildProcess): Promise<string> =>
  new Promise((resolveUrl) => {
    let text = '';
    child.stderr?.on('data', (chunk: string) => {
      text += chunk;
      const url = /ready after .*: (http:\/\/\S+)\s/.exec(text)?.[1];
      if (url !== undefined) resolveUrl(url);
    });
  });

const LOOK_MS = 50;
/** Asks until the answer is there; best not by starting a process each time. The bound is the test's own time-out. */
export async function until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}

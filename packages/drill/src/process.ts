/** One `coachloop up --no-demo` as a child process, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../../../cli/src/main.ts');
const PRELOAD = here('./preload.ts');
const CACHE = here('../../../../node_modules/.cache/node');
const SAID_CHARS_MAX = 8_000;

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly atMs: number;
}

export interface LaunchOptions {
  readonly directory: string;
  readonly port: number;
  /** Where it shall kill itself, as COACHLOOP_CRASH_AT. */
  readonly crashAt: string | null;
  readonly mutant: string | null;
}

export class PlatformProcess {
  readonly #child: ChildProcess;
  /** The last of what it said on stderr. */
  said = '';
  end: End | null = null;
  readonly ended: Promise<End>;
  /** False: it ended before it was ready. */
  readonly ready: Promise<boolean>;

  constructor({ directory, port, crashAt, mutant }: LaunchOptions) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(COACHLOOP_.*|PORT|HOST|OTEL_.*)$/.test(name));
    this.#child = spawn(
      process.execPath,
      ['--import', PRELOAD, MAIN, 'up', '--no-demo', '--data', directory, '--port', String(port)],
      {
        env: {
          ...Object.fromEntries(inherited),
          NO_COLOR: '1',
          NODE_COMPILE_CACHE: CACHE,
          ...(crashAt === null ? {} : { COACHLOOP_CRASH_AT: crashAt }),
          ...(mutant === null ? {} : { DRILL_MUTANT: mutant }),
        },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    const isReady = new Promise<boolean>((resolve) => {
      this.#child.stderr?.on('data', (chunk: Buffer) => {
        this.said = (this.said + chunk.toString()).slice(-SAID_CHARS_MAX);
        if (/is ready after .*: http/.test(this.said)) resolve(true);
      });
    });
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.end = { code, signal, atMs: performance.now() };
      return this.end;
    });
    this.ready = Promise.race([isReady, this.ended.then(() => false)]);
  }

  signal(name: 'SIGKILL' | 'SIGTERM'): void {
    this.#child.kill(name);
  }
}

/** Free at the moment; for what has to come back under the same address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No port.');
  return address.port;
}

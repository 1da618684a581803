/** One `coachloop …` as a child process that stays, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const MAIN = here('../../cli/src/main.ts');
const PRELOAD = here('./preload.ts');
const CACHE = here('../../../node_modules/.cache/node');
const SAID_CHARS_MAX = 8_000;
const LOOK_MS = 50;

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly atMs: number;
}

/** Where it shall kill itself. */
export interface Armed {
  /** As COACHLOOP_CRASH_AT. */
  readonly at: string;
  /** There it is frozen for so long, and not killed. */
  readonly freezeMs?: number;
}

export interface LaunchOptions {
  /** The words after `coachloop`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly armed: Armed | null;
  readonly mutant: string | null;
  /** File to which all that it says on stderr is added. */
  readonly logFile?: string;
}

/** What a child of ours gets of our own environment: nothing that would configure it. */
export const cleanEnvironment = (): Record<string, string | undefined> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(COACHLOOP_.*|PORT|HOST|OTEL_.*|KAFKA_.*|MONGODB_.*)$/.test(name),
    ),
  ),
  NO_COLOR: '1',
  NODE_COMPILE_CACHE: CACHE,
});

export class PlatformProcess {
  readonly #child: ChildProcess;
  /** The last of what it said on stderr. */
  said = '';
  end: End | null = null;
  readonly ended: Promise<End>;
  /** False: it ended before it was ready. */
  readonly ready: Promise<boolean>;
  /** Where it is armed to freeze: it has come to its point. */
  readonly frozen: Promise<true>;
  readonly awake: Promise<true>;
  /** It has said that its disk is full. */
  readonly noticedFullDisk: Promise<true>;

  constructor({ args, env = {}, armed, mutant, logFile }: LaunchOptions) {
    this.#child = spawn(process.execPath, ['--import', PRELOAD, MAIN, ...args], {
      env: {
        ...cleanEnvironment(),
        COACHLOOP_WEBHOOK_ALLOW_PRIVATE: 'true', // the drill's own webhook is on this machine
        ...env,
        ...(armed === null ? {} : { COACHLOOP_CRASH_AT: armed.at }),
        ...(armed?.freezeMs === undefined ? {} : { DRILL_FREEZE_MS: String(armed.freezeMs) }),
        ...(mutant === null ? {} : { DRILL_MUTANT: mutant }),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const says = (word: RegExp): Promise<true> =>
      new Promise((resolve) => {
        this.#child.stderr?.on('data', () => {
          if (word.test(this.said)) resolve(true);
        });
      });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (logFile !== undefined) appendFileSync(logFile, chunk);
      this.said = (this.said + chunk).slice(-SAID_CHARS_MAX);
    });
    this.frozen = says(/^drill: frozen$/m);
    this.awake = says(/^drill: awake$/m);
    this.noticedFullDisk = says(/DISK_FULL/);
    const isReady = says(/is ready after .*: http/);
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.end ??= { code, signal, atMs: performance.now() };
        resolve(this.end);
      };
      this.#child.on('close', end);
      this.#child.on('error', (error) => {
        if (this.#child.pid !== undefined) return; // a signal that did not reach it, or the like
        this.said += `It did not start: ${error.message}`;
        end(null, null);
      });
    });
    this.ready = Promise.race([isReady, this.ended.then(() => false)]);
  }

  /** Resolves when it says that it can work, and its /readyz as well: null; or with how it ended before; or after the time: `late`. */
  async untilReady(url: string, msMax: number): Promise<End | 'late' | null> {
    const signal = AbortSignal.timeout(msMax);
    if ((await Promise.race([this.ready, aborted(signal)])) === 'aborted') return 'late';
    while (!this.end) {
      const response = await fetch(`${url}/readyz`, { signal }).catch(() => null);
      await response?.body?.cancel();
      if (response?.ok) return this.end;
      if (signal.aborted) return 'late';
      await setTimeout(LOOK_MS);
    }
    return this.end;
  }

  signal(name: 'SIGKILL' | 'SIGTERM'): void {
    this.#child.kill(name);
  }

  /**
   * Frozen for so long, connections and all. By a process of its own: should the drill itself be killed meanwhile, whoever was frozen
   * wakes up, sees that, and ends.
   */
  async freeze(ms: number): Promise<void> {
    const script = 'kill -STOP "$1"; sleep "$2"; kill -CONT "$1"';
    const args = ['-c', script, 'freeze', String(this.#child.pid), String(ms / 1_000)];
    const shell = spawn('/bin/sh', args, { stdio: 'ignore', detached: true });
    await Promise.race([once(shell, 'exit'), this.ended]);
    // Who is dead need not be woken, and the number may soon be somebody else's.
    if (shell.exitCode === null && shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
  }
}

const aborted = (signal: AbortSignal): Promise<'aborted'> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));

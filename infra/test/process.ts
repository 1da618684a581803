/** The real command, and whatever else a test starts: all of it is gone when the test is over. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'packages/cli/src/main.ts');

const children: ChildProcess[] = [];
const folders: string[] = [];

export function cleanUp(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coachloop-infra-'));
  folders.push(folder);
  return folder;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that comes to an end. */
export const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> =>
  promisify(execFile)(file, args, { env, cwd: ROOT, maxBuffer: 32 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code?: number | string; stdout?: string; stderr?: string }) => {
      if (typeof error.code !== 'number') throw error; // it did not even start
      return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
    },
  );

export const coachloop = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> =>
  run(process.execPath, [MAIN, ...args], env);

/** A program that goes on. */
export function start(file: string, args: readonly string[]): void {
  children.push(spawn(file, args, { cwd: ROOT, stdio: 'ignore' }));
}

/** An empty platform; resolves with its address when it is ready. */
export async function platform(): Promise<string> {
  const data = temporaryFolder();
  const child = spawn(process.execPath, [MAIN, 'up', '--no-demo', '--data', data, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  return new Promise((done, failed) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /is ready after .*: (http\S+)/.exec(said)?.[1];
      if (address) done(address);
    });
    child.once('exit', () => failed(new Error(`it ended: ${said}`)));
  });
}

export async function until<T>(look: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s`);
    await new Promise((next) => setTimeout(next, 200));
  }
}

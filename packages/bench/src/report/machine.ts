/** On what it was measured. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export const machine = (): Machine => ({
  processor: (cpus()[0]?.model ?? 'unknown').trim(),
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  system: `${platform()} ${release().split('-')[0]}`,
  node: process.versions.node,
});

export const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

/** The commit that was measured; with a `+` where something is not committed, documents (the report itself) aside. */
export function commit(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const changed = git('status', '--porcelain', '--', ':/', ':(exclude,top)docs').trim();
    return git('rev-parse', '--short', 'HEAD').trim() + (changed === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** Memory of another process that is in use, MiB. */
export function rssOf(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kibibytes) / 1024;
}

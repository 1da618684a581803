/** The built page: made when it is missing or older than its sources, which a stamp beside it tells. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { ConsoleBuildError } from './errors.ts';

const home = join(import.meta.dirname, '..');
export const DIST = join(home, 'dist');
const STAMP = '.stamp';
const COMPRESSIBLE = /\.(js|css|svg)$/;

export interface BuildOptions {
  /** Where to say that it is being built. */
  readonly say?: (line: string) => void;
  /** The result's folder; default `dist`. */
  readonly directory?: string;
}

/**
 * Resolves with the folder of the page. Builds it first where that is missing or its sources have changed (some seconds).
 * Rejects with `ConsoleBuildError`. Processes that build at the same time do not disturb each other: each builds aside and puts its result in place whole.
 */
export async function ensureConsoleBuilt({ say, directory = DIST }: BuildOptions = {}): Promise<string> {
  const sources = hashOfSources();
  if (stampOf(directory) === sources) return directory;
  say?.('Building the console, once…');
  const startedMs = performance.now();
  await build(directory, sources);
  say?.(`The console is built (${((performance.now() - startedMs) / 1000).toFixed(1)} s).`);
  return directory;
}

async function build(directory: string, stamp: string): Promise<void> {
  const aside = `${directory}.${process.pid}`;
  const old = `${aside}.old`;
  try {
    await runVite(aside);
    await compress(aside);
    writeFileSync(join(aside, STAMP), stamp);
    if (existsSync(directory)) renameSync(directory, old);
    renameSync(aside, directory);
  } catch (error) {
    if (stampOf(directory) !== stamp) throw error; // else another process was first, with the same
  } finally {
    rmSync(old, { recursive: true, force: true });
    rmSync(aside, { recursive: true, force: true });
  }
}

/** In a process of its own: it takes memory that a platform would keep, and NODE_ENV decides which React is built in. */
async function runVite(directory: string): Promise<void> {
  const vite = join(fileURLToPath(import.meta.resolve('vite/package.json')), '../bin/vite.js');
  const args = [vite, 'build', '--outDir', directory, '--logLevel', 'warn'];
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' };
  await promisify(execFile)(process.execPath, args, { cwd: home, env }).catch((error: unknown) => {
    throw new ConsoleBuildError(error);
  });
}

const brotli = promisify(brotliCompress);

/** A compressed twin beside each file, so that nothing is compressed while it is asked for. */
async function compress(directory: string): Promise<void> {
  const files = globSync('assets/*', { cwd: directory }).filter((file) => COMPRESSIBLE.test(file));
  await Promise.all(
    files.map(async (file) => {
      const path = join(directory, file);
      writeFileSync(`${path}.br`, await brotli(readFileSync(path)));
    }),
  );
}

function stampOf(directory: string): string | undefined {
  const file = join(directory, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Of everything that decides what the page is; the versions of its libraries stand in package.json, exactly. */
export function hashOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync('web/**/*', { cwd: home, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(home.length + 1)
      .replaceAll('\\', '/'),
  );
  for (const path of [...paths.sort(), 'package.json', 'vite.config.ts'])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(home, path)))
      .update('\0');
  return hash.digest('hex');
}

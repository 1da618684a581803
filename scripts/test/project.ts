import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findNpm } from '../bootstrap/npm.mjs';
import { platform } from '../bootstrap/runtime.mjs';
import { root } from '../lib/workspaces.ts';

/**
 * A registry with one package, `fake-node`, whose program is this very Node that calls itself 99.0.0: to a project that
 * asks for Node 99 every real Node is an old one, and the whole way of a first start can be gone without the network.
 */
export async function startRegistry(): Promise<{ url: string; integrity: string; downloads: () => number }> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'fake-node', version: '99.0.0' }));
  const preload = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'99.0.0'})";
  writeFileSync(join(folder, 'bin', 'node'), `#!/bin/sh\nexec "${process.execPath}" --import="${preload}" "$@"\n`);
  chmodSync(join(folder, 'bin', 'node'), 0o755);
  execFileSync(process.execPath, [findNpm(), 'pack', '--silent'], { cwd: folder });
  const archive = readFileSync(join(folder, 'fake-node-99.0.0.tgz'));
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  let downloads = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) {
      downloads++;
      response.end(archive);
    } else if (request.url === '/fake-node') {
      const dist = { tarball: `${url}fake-node/-/fake-node-99.0.0.tgz`, integrity };
      const versions = { '99.0.0': { name: 'fake-node', version: '99.0.0', dist } };
      response.end(JSON.stringify({ name: 'fake-node', 'dist-tags': { latest: '99.0.0' }, versions }));
    } else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, integrity, downloads: () => downloads };
}

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coachloop-scripts-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export type Project = { folder: string; home: string };

/**
 * A bare clone with nothing installed and no dependencies, whose command is `program`; its user has an empty home but
 * for a registry. With `nodeIntegrity` it asks for Node 99 of that hash, else it is content with the Node at hand.
 */
export function makeProject(program: string, options: { registry?: string; nodeIntegrity?: string } = {}): Project {
  const folder = temporaryFolder();
  const home = temporaryFolder();
  writeFileSync(join(home, '.npmrc'), `registry=${options.registry ?? 'http://127.0.0.1:9/'}\n`);
  mkdirSync(join(folder, 'scripts'));
  for (const path of ['scripts/bootstrap.mjs', 'scripts/bootstrap', 'coachloop', '.npmrc']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const scripts = { coachloop: 'node scripts/bootstrap.mjs' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', scripts }));
  const packages = { '': { name: 'project', version: '1.0.0' } };
  const lock = { name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  mkdirSync(join(folder, 'packages', 'cli', 'src'), { recursive: true });
  writeFileSync(join(folder, 'packages', 'cli', 'src', 'main.ts'), program);
  if (options.nodeIntegrity !== undefined) askForNode99(folder, options.nodeIntegrity);
  return { folder, home };
}

function askForNode99(folder: string, integrity: string): void {
  const file = join(folder, 'scripts', 'bootstrap', 'runtime.mjs');
  const source = readFileSync(file, 'utf8')
    .replace(/nodeMajor = \d+/, 'nodeMajor = 99')
    .replace(/nodeVersion = '[^']+'/, "nodeVersion = '99.0.0'")
    .replace(`'${platform}': {`, `'${platform}': { name: 'fake-node', integrity: '${integrity}' },\n  before: {`);
  writeFileSync(file, source);
}

export type Run = {
  pid: number;
  kill: (signal: NodeJS.Signals) => void;
  /** Resolves when stdout contains the text, rejects when the process ends without it. */
  printed: (text: string) => Promise<string>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
};

/** Starts the project's command as its user would: own home, no variables of an npm that runs this test. */
export function start(
  project: Project,
  command: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Run {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|COACHLOOP_|VITEST)/i.test(name));
  const env = { ...Object.fromEntries(inherited), HOME: project.home, ...options.env };
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd: options.cwd ?? project.folder, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const watch of watchers) watch();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended: Run['ended'] = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const watch = () => {
        if (stdout.includes(text)) resolve(stdout);
      };
      watchers.add(watch);
      watch();
      void ended.then(() => reject(new Error(`ended without printing "${text}": ${stdout}${stderr}`)), reject);
    });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), printed, ended };
}

/** The command that runs the bootstrap with the Node of this test. */
export const bootstrap = (project: Project, ...args: string[]) => [
  process.execPath,
  join(project.folder, 'scripts', 'bootstrap.mjs'),
  ...args,
];

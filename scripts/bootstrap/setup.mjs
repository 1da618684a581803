import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { runNpm, SetupError, say, seconds } from './npm.mjs';
import { nodeMajor, nodePackages, nodeVersion, platform, runtimeBinary, runtimeFolder } from './runtime.mjs';

/**
 * @param {string} root
 * @param {() => Promise<void>} work
 */
const exclusively = (root, work) =>
  withLock(
    join(root, '.node', 'setup.lock'),
    (pid) => say(`another start (process ${pid}) is setting this folder up; waiting for it …`),
    work,
  ).catch((error) => {
    // EACCES, EROFS, ENOSPC …: the folder's owner can act on the system's own words.
    if (error instanceof SetupError || error.code === undefined) throw error;
    throw new SetupError(`cannot set up ${root}: ${error.message}`);
  });

/**
 * Brings the pinned Node as an npm package into `.node/`, all or nothing.
 * @param {string} root
 */
export async function fetchNode(root) {
  const source = nodePackages[platform];
  if (source === undefined) {
    throw new SetupError(
      `Node ${process.versions.node} is older than ${nodeMajor}, and there is no Node ${nodeVersion} on npm for ${platform}. ` +
        `Install Node ${nodeMajor} or newer (https://nodejs.org) and start again.`,
    );
  }
  await exclusively(root, async () => {
    if (existsSync(runtimeBinary(root))) return;
    const started = performance.now();
    say(
      `this is Node ${process.versions.node}; fetching Node ${nodeVersion} (npm package ${source.name}) into .node/, once …`,
    );
    const folder = mkdtempSync(join(root, '.node', 'fetch-'));
    try {
      await downloadNode(root, source, folder);
      rmSync(runtimeFolder(root), { recursive: true, force: true });
      renameSync(join(folder, 'node_modules', source.name), runtimeFolder(root));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    say(`Node ${nodeVersion} is ready (${seconds(started)})`);
  });
}

/**
 * @param {string} root
 * @param {{ name: string, integrity: string }} source
 * @param {string} folder
 */
async function downloadNode(root, source, folder) {
  // The project's .npmrc goes along, so that a registry that is set there counts here too.
  if (existsSync(join(root, '.npmrc'))) copyFileSync(join(root, '.npmrc'), join(folder, '.npmrc'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const spec = `${source.name}@${nodeVersion}`;
  await runNpm(
    ['install', '--prefix', folder, '--ignore-scripts', spec],
    folder,
    `Node ${nodeVersion} could not be fetched`,
  );
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const integrity = lock.packages[`node_modules/${source.name}`]?.integrity;
  if (integrity !== source.integrity) {
    throw new SetupError(
      `the registry's ${spec} is not the one that is expected: its hash is ${integrity}, not ${source.integrity}`,
    );
  }
  const binary = join(folder, 'node_modules', source.name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const trial = spawnSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  if (trial.stdout?.trim() !== nodeVersion) {
    const reason = (trial.error?.message ?? trial.stderr ?? '').trim().split('\n')[0];
    throw new SetupError(
      `the fetched Node ${nodeVersion} does not run on this system (${reason}); install Node ${nodeMajor} and start again.`,
    );
  }
}

/**
 * Installs what package-lock.json says. The stamp is taken away first and written last: what is interrupted begins anew.
 * @param {string} root
 * @param {() => boolean} isInstalled
 * @param {string} stampFile
 * @param {() => string} lockHash
 */
export async function installPackages(root, isInstalled, stampFile, lockHash) {
  await exclusively(root, async () => {
    if (isInstalled()) return;
    const modules = join(root, 'node_modules');
    if (!matchesLock(root)) {
      const started = performance.now();
      const why = existsSync(modules)
        ? 'package-lock.json changed or an install was cut short'
        : 'node_modules is missing';
      say(`${why}: installing the dependencies (npm ci) …`);
      rmSync(stampFile, { force: true });
      rmSync(join(modules, '.package-lock.json'), { force: true });
      await runNpm(['ci', '--ignore-scripts', '--include=dev'], root, 'the dependencies could not be installed');
      say(`the dependencies are ready (${seconds(started)})`);
    }
    mkdirSync(modules, { recursive: true });
    writeFileSync(stampFile, lockHash());
  });
}

/** @typedef {{ version?: string, integrity?: string, resolved?: string, optional?: boolean }} LockEntry */

/**
 * Whether npm's own record of node_modules says that it is what the lock asks for, as after a developer's `npm install`.
 * @param {string} root
 */
function matchesLock(root) {
  /**
   * @param {string[]} path
   * @returns {Record<string, LockEntry>}
   */
  const read = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8')).packages;
  try {
    const wanted = read('package-lock.json');
    const present = read('node_modules', '.package-lock.json');
    /**
     * @param {LockEntry | undefined} a
     * @param {LockEntry | undefined} b
     */
    const same = (a, b) => a?.version === b?.version && a?.integrity === b?.integrity && a?.resolved === b?.resolved;
    const complete = Object.keys(wanted).every(
      (path) =>
        !path.includes('node_modules/') ||
        (path in present ? same(wanted[path], present[path]) : wanted[path]?.optional),
    );
    return complete && Object.keys(present).every((path) => path in wanted);
  } catch {
    return false;
  }
}

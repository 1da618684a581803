import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ServerError } from './errors.ts';

const run = promisify(execFile);
const DOWNLOADS_AT_ONCE = 6;
const TRIES = 3;

/** A server's jars: where each lies in a Maven repository, and its hash. Fixed here, so that no trust is needed. */
export interface JarList {
  readonly name: string;
  readonly sha256: Readonly<Record<string, string>>;
}

export function readJarList(name: string): JarList {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'jars', `${name}.json`), 'utf8'));
}

/** Where downloads are kept: COACHLOOP_SERVERS_CACHE, else `.servers` in the project's root. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return resolve(env.COACHLOOP_SERVERS_CACHE || join(import.meta.dirname, '..', '..', '..', '.servers'));
}

const missingOf = ({ name, sha256 }: JarList, env: NodeJS.ProcessEnv) => {
  const folder = join(cacheFolder(env), name);
  return { folder, missing: Object.entries(sha256).filter(([path]) => !existsSync(join(folder, basename(path)))) };
};

/** Whether the jars are there, or there is a way to bring them. */
export async function canBring(list: JarList, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (env.COACHLOOP_MAVEN_URL || missingOf(list, env).missing.length === 0) return true;
  return run('mvn', ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * The folder with all jars of the list; brings those that are missing: from the Maven repository that COACHLOOP_MAVEN_URL names,
 * else by `mvn`, which knows the repositories of its user. Safe for several processes at once.
 */
export async function ensureJars(list: JarList, env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const { folder, missing } = missingOf(list, env);
  if (missing.length === 0) return folder;
  mkdirSync(folder, { recursive: true });
  const own = env.COACHLOOP_MAVEN_URL;
  say(`Bringing ${missing.length} jars of ${list.name} ${own ? `from ${new URL(own).host}` : 'with mvn'}, once`);
  // Complete and checked, or not there: another process may look at the same moment.
  const aside = mkdtempSync(join(folder, '.bringing-'));
  try {
    const paths = missing.map(([path]) => path);
    await (own ? download(own.replace(/\/+$/, ''), paths, aside) : copyWithMaven(paths, aside));
    for (const [path, sha256] of missing) {
      const file = join(aside, basename(path));
      const found = createHash('sha256').update(readFileSync(file)).digest('hex');
      if (found !== sha256) throw failed(`${basename(path)}: its SHA-256 is ${found}, not ${sha256}`);
      renameSync(file, join(folder, basename(path)));
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

const failed = (what: string, cause?: unknown): ServerError =>
  new ServerError('SERVER_DOWNLOAD_FAILED', what, cause === undefined ? {} : { cause });

async function download(base: string, paths: readonly string[], folder: string): Promise<void> {
  const waiting = [...paths];
  await Promise.all(
    Array.from({ length: DOWNLOADS_AT_ONCE }, async () => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
        writeFileSync(join(folder, basename(path)), await fetched(`${base}/${path}`));
    }),
  );
}

async function fetched(url: string): Promise<Uint8Array> {
  let cause: unknown;
  for (let i = 0; i < TRIES; i++) {
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      cause = error;
    }
  }
  // What fetch says is `fetch failed`; why it failed is inside.
  const inner = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
  throw failed(`${url}: ${cause instanceof Error ? cause.message : String(cause)}${inner}`, cause);
}

async function copyWithMaven(paths: readonly string[], folder: string): Promise<void> {
  const pom = join(folder, 'pom.xml');
  writeFileSync(pom, pomOf(paths));
  const goal = ['dependency:copy-dependencies', '-DexcludeTransitive=true', `-DoutputDirectory=${folder}`];
  await run('mvn', ['--quiet', '--batch-mode', '--file', pom, ...goal]).catch((error: unknown) => {
    const { code, stdout = '' } = error as NodeJS.ErrnoException & { stdout?: string };
    throw failed(code === 'ENOENT' ? 'mvn is not there' : `mvn: ${stdout.trim().slice(-500) || error}`, error);
  });
}

/** `org/slf4j/slf4j-api/2.0.17/slf4j-api-2.0.17.jar` as a dependency; what stands between version and `.jar` is a classifier. */
function pomOf(paths: readonly string[]): string {
  const dependencies = paths.map((path) => {
    const parts = path.split('/');
    const [artifact = '', version = '', file = ''] = parts.slice(-3);
    const classifier = file.slice(`${artifact}-${version}`.length, -'.jar'.length).slice(1);
    const tags = {
      groupId: parts.slice(0, -3).join('.'),
      artifactId: artifact,
      version,
      ...(classifier && { classifier }),
    };
    return `<dependency>${Object.entries(tags)
      .map(([tag, text]) => `<${tag}>${text}</${tag}>`)
      .join('')}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>coachloop</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ServerError } from './errors.ts';

const MAVEN_CENTRAL = 'https://repo.maven.apache.org/maven2';
const DOWNLOADS_AT_ONCE = 6;
const TRIES = 3;

/** A server's jars: where each lies in a Maven repository, and its hash. Fixed here, so that neither mvn nor trust is needed. */
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

/** The folder with all jars of the list; downloads those that are missing. Safe for several processes at once. */
export async function ensureJars(list: JarList, env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(env), list.name);
  mkdirSync(folder, { recursive: true });
  const missing = Object.entries(list.sha256).filter(([path]) => !existsSync(join(folder, basename(path))));
  if (missing.length === 0) return folder;
  const base = (env.COACHLOOP_MAVEN_URL || MAVEN_CENTRAL).replace(/\/+$/, '');
  say(`Downloading ${missing.length} jars of ${list.name} from ${new URL(base).host}, once`);
  await Promise.all(
    Array.from({ length: DOWNLOADS_AT_ONCE }, async () => {
      for (let next = missing.pop(); next !== undefined; next = missing.pop()) {
        const [path, sha256] = next;
        const bytes = await download(`${base}/${path}`, sha256);
        // Complete or not there: another process may look at the same moment.
        const file = join(folder, basename(path));
        writeFileSync(`${file}.${process.pid}`, bytes);
        renameSync(`${file}.${process.pid}`, file);
      }
    }),
  );
  return folder;
}

async function download(url: string, sha256: string): Promise<Uint8Array> {
  let cause: unknown;
  for (let i = 0; i < TRIES; i++) {
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found !== sha256) throw new Error(`its SHA-256 is ${found}, not ${sha256}`);
      return bytes;
    } catch (error) {
      cause = error;
    }
  }
  // What fetch says is `fetch failed`; why it failed is inside.
  const inner = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
  const why = cause instanceof Error ? `${cause.message}${inner}` : String(cause);
  throw new ServerError('SERVER_DOWNLOAD_FAILED', `${url}: ${why}`, { cause });
}

/** `doctor`: what would keep the platform from running here, and what to do about it. */
import { existsSync } from 'node:fs';
import { access, constants, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { isLogError } from '@coachloop/event-log';
import { lockFolder } from '@coachloop/event-log/embedded';
import { addressOf } from '../data-folder.ts';
import { printJson, printLine } from '../output.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { hostOf, portOf } from '../run-platform.ts';

export interface DoctorOptions {
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly json?: boolean;
}

interface Check {
  readonly name: string;
  /** A hint is worth knowing and no reason to fail. */
  readonly status: 'ok' | 'hint' | 'problem';
  readonly detail: string;
}

const NODE_MAJOR_MIN = 26;
const DISK = { problem_bytes: 200 * 1024 * 1024, hint_bytes: 2 * 1024 ** 3 } as const;
/** This release was not made before. */
const YEAR_MIN = 2026;
const YEAR_MAX = 2100;

export async function doctor(options: DoctorOptions): Promise<void> {
  const given = options.data ?? process.env.COACHLOOP_DATA;
  const directory = given === undefined ? join(projectDirectory, '.coachloop', 'data') : userPath(given);
  const host = hostOf(options.host);
  const port = portOf(options.port);
  const checks = [
    node(),
    clock(),
    await disk(directory),
    await folder(directory),
    await lock(directory),
    await listening(host, port),
    chromium(),
  ];
  const ok = checks.every(({ status }) => status !== 'problem');
  if (options.json) printJson({ ok, checks });
  else for (const { name, status, detail } of checks) printLine(`${SIGNS[status]} ${name.padEnd(12)} ${detail}`);
  if (!ok) process.exitCode = 1;
}

const SIGNS = { ok: '✓', hint: '·', problem: '✗' } as const;

function node(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  const status = major >= NODE_MAJOR_MIN ? 'ok' : 'problem';
  const advice = status === 'ok' ? '' : `; ${NODE_MAJOR_MIN} is needed: start with ./coachloop, which brings it`;
  return { name: 'node', status, detail: `${process.versions.node} on ${process.platform}-${process.arch}${advice}` };
}

function clock(): Check {
  const now = new Date();
  const sane = now.getUTCFullYear() >= YEAR_MIN && now.getUTCFullYear() < YEAR_MAX;
  const advice = sane ? '' : '; it cannot be right, and events get wrong times: set it';
  return { name: 'clock', status: sane ? 'ok' : 'problem', detail: `${now.toISOString()}${advice}` };
}

async function disk(directory: string): Promise<Check> {
  const { bavail, bsize } = await statfs(existing(directory));
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${directory}`;
  if (free < DISK.problem_bytes) return { name: 'disk', status: 'problem', detail: `${detail}; make space` };
  return { name: 'disk', status: free < DISK.hint_bytes ? 'hint' : 'ok', detail };
}

/** The nearest folder above that is there. */
const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)));

async function folder(directory: string): Promise<Check> {
  const name = 'data folder';
  if (!existsSync(directory)) {
    const above = existing(directory);
    return access(above, constants.W_OK).then(
      () => ({ name, status: 'ok', detail: `${directory} will be made at the first start` }),
      () => ({ name, status: 'problem', detail: `${above} cannot be written to; choose another one with --data` }),
    );
  }
  const probe = join(directory, `.doctor-${process.pid}`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return { name, status: 'ok', detail: `${directory} can be written to` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      name,
      status: 'problem',
      detail: `${directory} cannot be written to (${code}); check owner and permissions`,
    };
  }
}

/** The lock of the system tells whether somebody has it; who that is, the note in it. */
async function lock(directory: string): Promise<Check> {
  const name = 'lock';
  if (!existsSync(directory)) return { name, status: 'ok', detail: 'nobody has the data folder' };
  try {
    lockFolder(directory).release();
    return { name, status: 'ok', detail: 'nobody has the data folder' };
  } catch (error) {
    if (!isLogError(error, 'LOG_LOCKED'))
      return { name, status: 'problem', detail: `the data folder cannot be locked: ${(error as Error).message}` };
    const address = addressOf(directory);
    const health = address && (await healthOf(address.url));
    if (address && health)
      return {
        name,
        status: 'ok',
        detail: `Coachloop ${health.version} runs on it: ${address.url}, process ${address.pid}`,
      };
    const who = address
      ? `process ${address.pid} perhaps, which does not answer at ${address.url}`
      : 'nobody knows who';
    return { name, status: 'problem', detail: `another process has the data folder: ${who}; stop it` };
  }
}

async function listening(host: string, port: number): Promise<Check> {
  const name = 'port';
  const code = await tryListening(host, port);
  if (code === null) return { name, status: 'ok', detail: `${host}:${port} is free` };
  const health = await healthOf(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (!health)
    return {
      name,
      status: 'problem',
      detail: `${host}:${port} cannot be used (${code}), and what answers there is not Coachloop; choose another one with PORT`,
    };
  const reasons = health.reasons.length > 0 ? `: ${health.reasons.join('; ')}` : '';
  return {
    name,
    status: health.ready ? 'ok' : 'problem',
    detail: `Coachloop ${health.version} answers on ${host}:${port}, ${health.ready ? 'ready' : `not ready${reasons}`}`,
  };
}

/** Null: it worked; else the system's reason. */
const tryListening = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });

interface Health {
  readonly version: string;
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

async function healthOf(url: string): Promise<Health | null> {
  try {
    const response = await fetch(`${url}/ops/v1/status`, { signal: AbortSignal.timeout(3_000) });
    const { version, ready, reasons } = (await response.json()) as Partial<Health>;
    return version !== undefined && ready !== undefined ? { version, ready, reasons: reasons ?? [] } : null;
  } catch {
    return null;
  }
}

/** For the browser test alone. */
function chromium(): Check {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((each) => each !== '');
  const found =
    process.env.COACHLOOP_CHROMIUM ??
    folders.flatMap((each) => names.map((name) => join(each, name))).find((path) => existsSync(path));
  return found !== undefined && existsSync(found)
    ? { name: 'chromium', status: 'ok', detail: found }
    : { name: 'chromium', status: 'hint', detail: 'none found: `npm test` leaves the browser test out and says so' };
}

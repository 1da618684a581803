/** Checks of one installation: its data folder, who has it, and its port. */
import { existsSync } from 'node:fs';
import { access, constants, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isLogError } from '@coachloop/event-log';
import { lockFolder } from '@coachloop/event-log/embedded';
import { addressOf } from '../data-folder.ts';
import type { Check } from './check.ts';
import { existing } from './machine.ts';

export async function folder(directory: string): Promise<Check> {
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
export async function lock(directory: string): Promise<Check> {
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
    if (address && health && health !== 'silent')
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

export async function listening(host: string, port: number): Promise<Check> {
  const name = 'port';
  const code = await tryListening(host, port);
  if (code === null) return { name, status: 'ok', detail: `${host}:${port} is free` };
  const health = await healthOf(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (!health || health === 'silent') {
    const who = health
      ? `what has it did not answer within ${ANSWER_MS_MAX / 1_000} s`
      : 'what answers there is not Coachloop';
    return {
      name,
      status: 'problem',
      detail: `${host}:${port} cannot be used (${code}), and ${who}; choose another one with PORT`,
    };
  }
  const more = health.reasons.length - REASONS_SHOWN_MAX;
  const shown = health.reasons.slice(0, REASONS_SHOWN_MAX).concat(more > 0 ? `and ${more} more in /ops/v1/status` : []);
  const reasons = shown.length > 0 ? `: ${shown.join('; ')}` : '';
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

/** In an outage each service has some of its own; what the process itself lacks comes first. */
const REASONS_SHOWN_MAX = 3;
/** A process that is not ready says so in 4 s: it waits that long for others. */
const ANSWER_MS_MAX = 6_000;

/** Null: it is not ours; `silent`: it says nothing. */
async function healthOf(url: string): Promise<Health | 'silent' | null> {
  try {
    const response = await fetch(`${url}/ops/v1/status`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const { version, ready, reasons } = (await response.json()) as Partial<Health>;
    return version !== undefined && ready !== undefined ? { version, ready, reasons: reasons ?? [] } : null;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'silent' : null;
  }
}

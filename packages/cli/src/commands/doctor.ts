/** `doctor`: what would keep the platform from running here, and what to do about it. */
import { join } from 'node:path';
import type { Check } from '../doctor/check.ts';
import { folder, listening, lock } from '../doctor/installation.ts';
import { chromium, clock, disk, node } from '../doctor/machine.ts';
import { servers } from '../doctor/servers.ts';
import { printJson, printLine } from '../output.ts';
import { projectDirectory, userPath } from '../paths.ts';
import { embeddedSettings } from '../where.ts';

export interface DoctorOptions {
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly json?: boolean;
}

export async function doctor(options: DoctorOptions): Promise<void> {
  const settings = embeddedSettings(options);
  const { COACHLOOP_DATA: given, HOST: host, PORT: port } = settings;
  const directory = given === undefined ? join(projectDirectory, '.coachloop', 'data') : userPath(given);
  const checks: readonly Check[] = [
    node(),
    clock(),
    await disk(directory),
    await folder(directory),
    await lock(directory),
    await listening(host, port),
    chromium(),
    ...(await servers(settings)),
  ];
  const ok = checks.every(({ status }) => status !== 'problem');
  if (options.json) printJson({ ok, checks });
  else for (const { name, status, detail } of checks) printLine(`${SIGNS[status]} ${name.padEnd(12)} ${detail}`);
  if (!ok) process.exitCode = 1;
}

const SIGNS = { ok: '✓', hint: '·', problem: '✗' } as const;

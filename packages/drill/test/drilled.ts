/** The command, as whoever runs it sees it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export interface Told {
  readonly ok: boolean;
  readonly faults: readonly { readonly fault: string; readonly survived: number; readonly notRun?: string }[];
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly broken: { readonly code: string; readonly message: string } | null;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const drill = (...words: readonly string[]): Promise<Ended> => drilled(process.env, words);

/** With that folder for temporary files. */
export const drillIn = (folder: string, ...words: readonly string[]): Promise<Ended> =>
  drilled({ ...process.env, TMPDIR: folder }, words);

function drilled(env: NodeJS.ProcessEnv, words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function noticeNotRun({ faults }: Told): void {
  for (const { fault, notRun } of faults) if (notRun) process.stderr.write(`NOTICE: ${fault} was not run: ${notRun}\n`);
}

/** Which kinds of faults were made, or could not be made here. */
export function kindsOf({ faults }: Told): ReadonlySet<string> {
  const made = faults.filter(({ survived, notRun }) => survived > 0 || notRun !== undefined);
  const kinds = made.map(({ fault }) => {
    if (/^kill -9(, its point not passed in time$| at \w+ of )/.test(fault)) return 'kill at a point';
    if (/^SIGSTOP(, its point not passed in time$| at \w+,)/.test(fault)) return 'SIGSTOP at a point';
    return fault.replace(/^kill -9 of [a-z-]+$/, 'kill -9 of a service');
  });
  return new Set(kinds);
}

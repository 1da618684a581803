/** `coachloop verify`, on a folder that nobody has open or on a platform that runs. */
import { execFile } from 'node:child_process';
import { cleanEnvironment, MAIN } from './process.ts';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

const VIOLATIONS_TOLD = 5;

export const verifyFolder = (directory: string, signal: AbortSignal): Promise<string | null> =>
  verify(['--data', directory], signal);
export const verifyAt = (url: string, signal: AbortSignal): Promise<string | null> => verify(['--url', url], signal);

/** Null: clean. */
function verify(where: readonly string[], signal: AbortSignal): Promise<string | null> {
  const args = [MAIN, 'verify', ...where, '--json'];
  const options = { env: cleanEnvironment(), maxBuffer: OUTPUT_BYTES_MAX, signal };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const found = foundIn(stdout);
      if (found?.ok && !error) resolve(null);
      else if (found && !found.ok) resolve(found.violations.slice(0, VIOLATIONS_TOLD).map(textOf).join('; '));
      else resolve(`it did not end in order: ${[error?.message, stderr.trim()].filter(Boolean).join('; ')}`);
    });
  });
}

interface Found {
  readonly ok: boolean;
  readonly violations: readonly object[];
}

const textOf = (violation: object): string => JSON.stringify(violation);

/** Null: nothing, or cut off in the middle. */
function foundIn(stdout: string): Found | null {
  try {
    return JSON.parse(stdout) as Found;
  } catch {
    return null;
  }
}

/** `coachloop verify`, on a folder that nobody has open or on a platform that runs. */
import { execFile } from 'node:child_process';
import { MAIN } from './process.ts';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export const verifyFolder = (directory: string): Promise<string | null> => verify('--data', directory);
export const verifyAt = (url: string): Promise<string | null> => verify('--url', url);

/** Null: clean. */
function verify(...where: readonly string[]): Promise<string | null> {
  const args = [MAIN, 'verify', ...where, '--json'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      const found = stdout === '' ? null : (JSON.parse(stdout) as { ok: boolean; violations: readonly object[] });
      if (found?.ok && !error) resolve(null);
      else
        resolve(
          found
            ? found.violations
                .slice(0, 5)
                .map((each) => JSON.stringify(each))
                .join('; ')
            : stderr.trim(),
        );
    });
  });
}

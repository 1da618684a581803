/** `coachloop verify` on a folder that nobody has open. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Null: clean. */
export function verifyFolder(directory: string): Promise<string | null> {
  const args = [MAIN, 'verify', '--data', directory, '--json'];
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

/** The drill in small: the real process, killed again and again; and that it can fail. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** On a quiet machine about 80 seconds; a busy one may take long. */
const PATIENCE_MS = 900_000;

interface Told {
  readonly ok: boolean;
  readonly faults: readonly { readonly fault: string; readonly survived: number; readonly notRun?: string }[];
  readonly figures: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

function drill(...words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
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

test(
  'killed again and again in 45 seconds of load, it has lost nothing and doubled nothing',
  async () => {
    const { code, stdout, stderr } = await drill('--embedded', '--minutes', '0.75', '--seed', '2', '--json');
    expect(code, stderr).toBe(0);
    const { ok, faults, figures, violations } = JSON.parse(stdout) as Told;
    expect({ ok, violations }).toEqual({ ok: true, violations: [] });
    for (const { fault, notRun } of faults)
      if (notRun) process.stderr.write(`NOTICE: ${fault} was not run: ${notRun}\n`);
    expect(faults.reduce((sum, { survived }) => sum + survived, 0)).toBeGreaterThan(3);
    expect(figures.requestsRepeated).toBeGreaterThan(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^drill: seed 2: \d+ faults survived, 0 lost, 0 doubled, in order$/,
    );
  },
  PATIENCE_MS,
);

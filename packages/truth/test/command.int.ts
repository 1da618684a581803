/** The command, as whoever runs it sees it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const POLICY = fileURLToPath(import.meta.resolve('@coachloop/training-assignment')).replace(
  'src/index.ts',
  'policies/default.v1.yaml',
);
/** So few calls that hardly a case can be opened. */
const EARLY = ['--agents', '12', '--weak', '0.5', '--calls', '4', '--runs', '1'];

const folder = mkdtempSync(join(tmpdir(), 'coachloop-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const truth = (...words: readonly string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

test('what ships and misses the goal ends with code 1, and the picture is there', { timeout: 60_000 }, async () => {
  const svg = join(folder, 'truth.svg');
  const { code, stdout, stderr } = await truth(...EARLY, '--svg', svg);
  expect(code, stderr).toBe(1);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^truth: after 20 calls .* the goal of 0\.8 is missed$/);
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg/);
});

test('a policy of the user that misses it is an answer, and no failure', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await truth(...EARLY, '--policy', POLICY);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/the goal of 0\.8 is missed\n$/);
});

test('a picture that cannot be written is refused before anything is played', async () => {
  for (const file of [join(folder, 'none', 'truth.svg'), folder]) {
    const { code, stdout, stderr } = await truth('--svg', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`truth: --svg: ${file}`);
  }
});

/** The command, as whoever runs it sees it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const POLICY = fileURLToPath(import.meta.resolve('@coachloop/training-assignment')).replace(
  'src/index.ts',
  'policies/default.v1.yaml',
);
/** So few agents that a policy which counts accuses most of them wrongly. */
const SMALL = ['--agents', '12', '--runs', '1', '--calls', '40', '--policy', POLICY];

const folder = mkdtempSync(join(tmpdir(), 'coachloop-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const truth = (...words: readonly string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

test('a policy of the user that misses the goal is an answer, and no failure; the picture is there', {
  timeout: 60_000,
}, async () => {
  const svg = join(folder, 'truth.svg');
  const { code, stdout, stderr } = await truth(...SMALL, '--svg', svg);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^12 agents, 0\.2 of them weak/);
  const [first, ...rest] = stderr.trimEnd().split('\n');
  expect(first).toMatch(/^truth: a centre, seed 1, of 12 agents, 0\.2 of them weak, 40 calls each, .*: 2 plays$/);
  expect(rest.at(-1)).toMatch(/^truth: 2 of 2 plays done, \d+ calls, \d+ a second$/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^truth: after 20 calls .* the goal of 0\.8 is missed$/);
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg/);
});

test('who is weak is said by the settings, and by --weak where it is given', { timeout: 60_000 }, async () => {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'agents: { weakShare: 0.5 }\n');
  const words = ['--agents', '4', '--runs', '1', '--calls', '40', '--config', config];
  expect((await truth(...words)).stdout).toMatch(/^4 agents, 0\.5 of them weak/);
  expect((await truth(...words, '--weak', '0.25')).stdout).toMatch(/^4 agents, 0\.25 of them weak/);
});

test.each([
  [['--config', folder], `truth: --config: ${folder} can't be read`],
  [['--calls', '39'], 'truth: --calls must be a whole number from 40'],
])('%j is refused in words, before anything is played', async (words, message) => {
  const { code, stdout, stderr } = await truth(...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('a picture that cannot be written is refused before anything is played', async () => {
  for (const file of [join(folder, 'none', 'truth.svg'), folder]) {
    const { code, stdout, stderr } = await truth('--svg', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`truth: --svg: ${file}`);
  }
});

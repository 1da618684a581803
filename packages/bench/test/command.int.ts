/** The command, as whoever types it wrongly sees it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const other = join(folder, 'other.json');
writeFileSync(other, JSON.stringify({ version: 1, measures: [{ name: 'kafka' }] }));

test.each([
  [['--json', join(folder, 'none', 'x.json')], 'cannot be written'],
  [['--json', other], 'holds the measure kafka'],
])('%j is refused in words before anything is measured', { timeout: 60_000 }, (words, message) => {
  const all = ['--quick', '--only', 'log', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...all], { cwd: folder, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('round 1');
});

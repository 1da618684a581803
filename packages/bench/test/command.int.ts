/** The command, as whoever types it wrongly sees it. */
import { spawn, spawnSync } from 'node:child_process';
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
  [['--nonsense'], "bench: Unknown option '--nonsense'"],
])('%j is refused in words before anything is measured', { timeout: 60_000 }, (words, message) => {
  const all = ['--quick', '--only', 'log', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...all], { cwd: folder, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('round 1');
  expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
});

test('who stops it is told what is measured, and how to go on', { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, [MAIN, '--quick', '--only', 'log,start', '--json', join(folder, 'new.json')]);
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
    if (told.includes('start: round 1') && !told.includes('STOPPED')) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const file = join(folder, 'new.json');
  const last = told.trimEnd().split('\n').at(-1);
  const command = `npm run bench -- --only start --quick --json ${file}`;
  expect(last).toBe(`bench: STOPPED by SIGINT; measured: log, kept in ${file}; to go on: ${command}`);
  expect(code).toBe(130);
});

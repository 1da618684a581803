import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { countReport, skipLines } from '../lib/vitest-results.ts';
import { root } from '../lib/workspaces.ts';

test('why a test skipped itself is in the report that it leaves, and is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skipped-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'test'));
  writeFileSync(
    join(folder, 'test', 'a.unit.ts'),
    `test('is kept', () => {}); test('is spared', ({ skip }) => skip('by time alone'));`,
  );
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--root', folder, '--config', join(root, 'vitest.base.ts'), '--globals'];
  await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: folder });
  const counts = countReport(JSON.parse(readFileSync(join(folder, '.turbo-results', 'vitest.json'), 'utf8')));
  expect(counts).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  expect(skipLines(counts.skips, 1)).toEqual([expect.stringMatching(/test\/a\.unit\.ts › is spared: by time alone$/)]);
});

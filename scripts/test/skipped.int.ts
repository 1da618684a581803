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
    `test('is kept', () => {}); test('is spared', ({ skip }) => skip('by time alone')); test.skip('is never run', () => {});`,
  );
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--root', folder, '--config', join(root, 'vitest.base.ts'), '--globals'];
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: folder });
  expect(stdout).toMatch(/^Skipped: test\/a\.unit\.ts › is spared: by time alone$/m);
  expect(stdout).toMatch(/^Skipped: test\/a\.unit\.ts › is never run$/m);
  const counts = countReport(JSON.parse(readFileSync(join(folder, '.turbo-results', 'vitest.json'), 'utf8')));
  expect(counts).toMatchObject({ passed: 1, failed: 0, skipped: 2 });
  expect(skipLines(counts.skips, 1)[0]).toMatch(/test\/a\.unit\.ts › is spared: by time alone$/);
});

test('a requirement that does not exist is refused without `npm test` too', async () => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', join(root, 'vitest.base.ts'), '--root', tmpdir()];
  const env = { ...process.env, COACHLOOP_TEST_REQUIRE: 'mongo, kfka' };
  await expect(promisify(execFile)(process.execPath, [vitest, ...args], { cwd: tmpdir(), env })).rejects.toMatchObject({
    stderr: expect.stringContaining('COACHLOOP_TEST_REQUIRE names "kfka"; it may name browser, samples, kafka, mongo'),
  });
});

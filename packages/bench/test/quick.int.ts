/** The bench in small, as a user starts it: what it says and writes has the right shape. Times are never judged here. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { MEASURES } from '../src/index.ts';
import { readReport } from '../src/report/report.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('--quick measures the log and the loop, each against its baseline', { timeout: 300_000 }, () => {
  const file = join(folder, 'log.json');
  const { status, stdout, stderr } = bench('--quick', '--only', 'log,loop', '--calls', '60', '--json', file);
  expect(stderr).toContain('loop: round 1 of 1');
  expect(status).toBe(0);
  const { measures } = readReport(file);
  expect(measures.map(({ name }) => name)).toEqual(['log', 'loop']);
  for (const { name, title, rows, rounds, load, machine, quick } of measures) {
    const spec = MEASURES.find((each) => each.name === name);
    expect(stdout).toContain(title);
    expect({ rounds, quick }).toEqual({ rounds: 1, quick: true });
    expect(load.before).toBeGreaterThanOrEqual(0);
    expect(machine.cores).toBeGreaterThan(0);
    expect(rows.map(({ key }) => key)).toEqual(spec?.rows.map(({ key }) => key));
    for (const { figure, over, ratio } of rows) {
      expect(figure.values).toHaveLength(1);
      expect(figure.median).toBeGreaterThan(0);
      expect(ratio === undefined).toBe(over === undefined);
    }
  }
});

/** The drill in small: the real process, killed again and again; and that it can fail. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { scheduleOf } from '../src/schedule.ts';
import { drill, drillIn, kindsOf, noticeNotRun, type Told } from './drilled.ts';

const KINDS = new Set(['disk full', 'kill at a point', 'kill -9 at a random moment', 'stop and start in order']);
/** On a quiet machine a minute and a half; a busy one may take long. */
const PATIENCE_MS = 900_000;

test(
  'killed again and again in a minute of load, it has lost nothing and doubled nothing',
  async () => {
    const { code, stdout, stderr } = await drill(
      '--embedded',
      '--minutes',
      '1',
      '--seed',
      '2',
      '--rate',
      '10',
      '--json',
    );
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as Told;
    const { ok, faults, figures, violations, broken } = told;
    expect({ ok, violations, broken }).toEqual({ ok: true, violations: [], broken: null });
    noticeNotRun(told);
    expect(kindsOf(told)).toEqual(KINDS);
    expect(faults.reduce((sum, { survived }) => sum + survived, 0)).toBeGreaterThan(6);
    expect(figures.requestsRepeated).toBeGreaterThan(0);
    expect(figures.overdue).toBeGreaterThan(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^drill: seed 2: \d+ faults survived(, \d+ not run)?, 0 lost, 0 doubled, in order$/,
    );
  },
  PATIENCE_MS,
);

test(
  'where outputs are published before their cause is saved, it fails and says what came twice or out of order',
  async () => {
    const words = ['--embedded', '--minutes', '0.2', '--seed', '1', '--rate', '40', '--only', 'kill', '--json'];
    const { code, stdout, stderr } = await drill(...words, '--mutant', 'publishes-before-saving');
    const kept = /^The folder is kept: (.*)$/m.exec(stderr)?.[1];
    if (kept !== undefined) rmSync(dirname(kept), { recursive: true, force: true });
    expect(code, stderr).toBe(1);
    const { ok, violations, broken } = JSON.parse(stdout) as Told;
    expect({ ok, broken }).toEqual({ ok: false, broken: null });
    expect(
      violations.some((each) => /^(doubled|order): /.test(each)),
      violations.join('\n'),
    ).toBe(true);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^drill: seed 1: FAILED \(\d+ findings\): the mutant publishes-before-saving was found$/,
    );
  },
  PATIENCE_MS,
);

test('where no folder can be made, that is said, and what to look at', async () => {
  const { code, stderr } = await drillIn('/nowhere/at/all', '--embedded', '--minutes', '0.1');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^drill: .*\(DRILL_NOT_PREPARED\): no folder can be made in \/nowhere\/at\/all \(TMPDIR\)/m);
});

test('--dry-run --json prints the schedule as JSON, and nothing else', async () => {
  const { code, stdout } = await drill('--embedded', '--dry-run', '--json', '--minutes', '2', '--seed', '4');
  expect(JSON.parse(stdout)).toEqual({ seed: 4, minutes: 2, schedule: scheduleOf(4, 2) });
  expect(code).toBe(0);
});

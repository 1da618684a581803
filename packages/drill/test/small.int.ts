/** The drill in small: the real process, killed again and again; and that it can fail. */
import { expect, test } from 'vitest';
import { drill, noticeNotRun, type Told } from './drilled.ts';

/** On a quiet machine about 80 seconds; a busy one may take long. */
const PATIENCE_MS = 900_000;

test(
  'killed again and again in 45 seconds of load, it has lost nothing and doubled nothing',
  async () => {
    const { code, stdout, stderr } = await drill('--embedded', '--minutes', '0.75', '--seed', '2', '--json');
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as Told;
    const { ok, faults, figures, violations } = told;
    expect({ ok, violations }).toEqual({ ok: true, violations: [] });
    noticeNotRun(told);
    expect(faults.reduce((sum, { survived }) => sum + survived, 0)).toBeGreaterThan(3);
    expect(figures.requestsRepeated).toBeGreaterThan(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^drill: seed 2: \d+ faults survived, 0 lost, 0 doubled, in order$/,
    );
  },
  PATIENCE_MS,
);

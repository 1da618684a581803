import { expect, test } from 'vitest';
import { NOT_PASSED, type Survived } from '../src/deployment.ts';
import { faultTable } from '../src/report.ts';

const crash = { kind: 'crash', atMs: 0, service: 'evaluation', point: 'saved', passes: 1 } as const;
const became = (fault: Survived['fault'], recoveredMs: number | null, more: Partial<Survived> = {}): Survived => ({
  fault,
  recoveredMs,
  ...more,
});

test('a crash whose point was not passed is planned where it was planned, and survived as what it became', () => {
  const table = faultTable([became(crash, 2_000), became(crash, 9_000, { note: NOT_PASSED })]);
  expect(table).toEqual([
    { fault: 'kill -9 at saved of evaluation', planned: 2, survived: 1, recoveredMsMax: 2_000 },
    { fault: 'kill -9, its point not passed in time', planned: 0, survived: 1, recoveredMsMax: 9_000 },
  ]);
});

test('what could not be made is planned, not survived, and says why', () => {
  const full = { kind: 'disk-full', atMs: 0, freeKiB: 64 } as const;
  expect(faultTable([became(full, null, { notRun: 'no root' })])).toEqual([
    { fault: 'disk full', planned: 1, survived: 0, recoveredMsMax: null, notRun: 'no root' },
  ]);
});

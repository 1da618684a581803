import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { breakingChanges, currentRelease } from '../src/compatibility.ts';
import { compareVersions, lastReleaseBefore, releases } from '../src/released.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const known = releases();

test('the present contracts break nobody who relies on the last release', () => {
  const last = known.at(-1);
  if (!last) throw new Error('There is no release; write one with: npm run -w @coachloop/contracts release');
  const hint = `${last.version} is kept in released/. Add a field or a type instead; or, while ${last.version} is not out yet, write it anew: npm run -w @coachloop/contracts release`;
  expect(breakingChanges(last, currentRelease(version)), hint).toEqual([]);
});

test('every release could follow the one before', () => {
  for (const [i, release] of known.entries()) {
    const before = known[i - 1];
    if (before) expect(breakingChanges(before, release)).toEqual([]);
  }
});

test('versions are ordered by number', () => {
  expect(['0.10.0', '0.2.0', '1.0.0', '0.2.1'].toSorted(compareVersions)).toEqual([
    '0.2.0',
    '0.2.1',
    '0.10.0',
    '1.0.0',
  ]);
  expect(lastReleaseBefore('0.0.1')).toBeUndefined();
  expect(lastReleaseBefore('999.0.0')?.version).toBe(known.at(-1)?.version);
});

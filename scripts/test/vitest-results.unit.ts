import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countReport, skipLines } from '../lib/vitest-results.ts';
import { listWorkspaces, root, selectWorkspaces } from '../lib/workspaces.ts';

const name = join(root, 'packages', 'a', 'test', 'a.unit.ts');
const run = (status: string) => ({ fullName: `is ${status}`, status, failureMessages: ['because'] });

test('passed, failed and everything that did not run are counted apart', () => {
  const assertionResults = ['passed', 'passed', 'failed', 'skipped', 'pending', 'todo'].map(run);
  const counts = countReport({ testResults: [{ name, status: 'failed', assertionResults }] });
  expect(counts).toMatchObject({ passed: 2, failed: 1, skipped: 3 });
  expect(counts.failures).toEqual([{ where: 'packages/a/test/a.unit.ts', name: 'is failed', message: 'because' }]);
});

test('what did not run is named: all of an outermost group at once, else one by one', () => {
  const of = (status: string, title: string, ...ancestorTitles: string[]) => ({
    ...{ status, title, ancestorTitles, fullName: [...ancestorTitles, title].join(' ') },
  });
  const assertionResults = [
    of('skipped', 'is shown', 'the browser'),
    of('pending', 'is closed', 'the browser', 'a window'),
    of('passed', 'is kept', 'the log'),
    { ...of('skipped', 'is spared', 'the log', 'retention'), meta: { note: 'by time alone' } },
    of('skipped', 'stands alone'),
  ];
  const { skipped, skips } = countReport({ testResults: [{ name, status: 'passed', assertionResults }] });
  expect(skipped).toBe(4);
  const lines = skipLines([...skips, { where: 'infra/a.int.ts', name: 'rules', tests: 3 }], 3);
  expect(lines).toEqual([
    'infra/a.int.ts › rules (3 tests)',
    'packages/a/test/a.unit.ts › the browser (2 tests)',
    'packages/a/test/a.unit.ts › the log › retention › is spared: by time alone',
    'and 1 more',
  ]);
  expect(skipLines([], 3)).toEqual([]);
});

test('a file that cannot be loaded is one failure', () => {
  const counts = countReport({ testResults: [{ name, status: 'failed', message: 'syntax', assertionResults: [] }] });
  expect(counts).toMatchObject({ passed: 0, failed: 1, failures: [{ message: 'syntax' }] });
});

test('packages are named by their short name, full name or folder', () => {
  const all = listWorkspaces();
  const [found] = selectWorkspaces(['event-log'], all);
  expect(found?.folder).toBe('packages/event-log');
  expect(selectWorkspaces(['@coachloop/event-log', 'packages/event-log/'], all)).toEqual([found, found]);
  expect(selectWorkspaces([], all)).toEqual(all);
  expect(() => selectWorkspaces(['eventlog'], all)).toThrow('no package is called "eventlog"; there are: ');
});

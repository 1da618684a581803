import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countReport } from '../lib/vitest-results.ts';
import { listWorkspaces, root, selectWorkspaces } from '../lib/workspaces.ts';

const name = join(root, 'packages', 'a', 'test', 'a.unit.ts');
const run = (status: string) => ({ fullName: `is ${status}`, status, failureMessages: ['because'] });

test('passed, failed and everything that did not run are counted apart', () => {
  const assertionResults = ['passed', 'passed', 'failed', 'skipped', 'pending', 'todo'].map(run);
  const counts = countReport({ testResults: [{ name, status: 'failed', assertionResults }] });
  expect(counts).toMatchObject({ passed: 2, failed: 1, skipped: 3 });
  expect(counts.failures).toEqual([{ where: 'packages/a/test/a.unit.ts', name: 'is failed', message: 'because' }]);
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

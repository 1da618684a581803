import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TaskResult } from './turbo.ts';
import { root } from './workspaces.ts';

export type Failure = { where: string; name: string; message: string };
export type Counts = { passed: number; failed: number; skipped: number; failures: Failure[] };

type Report = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] | null }[];
  }[];
};

const reportFile = (folder: string) => join(root, folder, '.turbo-results', 'vitest.json');

/** Takes an earlier run's report away, so that what is read afterwards is this run's, or the one that turbo kept for it. */
export function clearReport(folder: string): void {
  rmSync(reportFile(folder), { force: true });
}

/** The totals of one package's tests, from the report that vitest wrote or turbo restored. */
export function readCounts(task: TaskResult): Counts {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(reportFile(task.folder), 'utf8'));
  } catch {
    return withoutReport(task, 'the tests ended without a report; the reason stands in the output above');
  }
  const counts = countReport(report);
  // An unhandled error, a time-out in tear-down, a crash: no test is to blame, and still the run was not good.
  if (!task.ok && counts.failed === 0) {
    const whole = withoutReport(
      task,
      'the test run failed outside of its tests; the reason stands in the output above',
    );
    return { ...counts, failed: 1, failures: whole.failures };
  }
  return counts;
}

function withoutReport(task: TaskResult, message: string): Counts {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ where: task.folder, name: 'test run', message }] };
}

export function countReport(report: Report): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const file of report.testResults) {
    const where = relative(root, file.name);
    const failedBefore = counts.failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') {
        counts.failed++;
        counts.failures.push({ where, name: test.fullName, message: (test.failureMessages ?? []).join('\n') });
      } else counts.skipped++;
    }
    // A file that cannot be loaded has no tests to fail.
    if (file.status === 'failed' && counts.failed === failedBefore) {
      counts.failed++;
      counts.failures.push({ where, name: 'loading the file', message: file.message ?? '' });
    }
  }
  return counts;
}

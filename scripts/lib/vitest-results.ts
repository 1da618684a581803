import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TaskResult } from './turbo.ts';
import { root } from './workspaces.ts';

export type Failure = { where: string; name: string; message: string };
/** One test, or all `tests` of an outermost `describe`; `note`: why, where the test itself has said so. */
export type Skip = { where: string; name: string; tests: number; note?: string };
export type Counts = { passed: number; failed: number; skipped: number; failures: Failure[]; skips: Skip[] };

type TestReport = {
  ancestorTitles?: string[];
  title?: string;
  fullName: string;
  status: string;
  failureMessages?: string[] | null;
  /** `note`: why it skipped itself (vitest.base.ts). */
  meta?: { note?: string };
};

type Report = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: TestReport[];
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
  const failures = [{ where: task.folder, name: 'test run', message }];
  return { passed: 0, failed: 1, skipped: 0, failures, skips: [] };
}

export function countReport(report: Report): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
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
    counts.skips.push(...skipsOf(where, file.assertionResults));
    // A file that cannot be loaded has no tests to fail.
    if (file.status === 'failed' && counts.failed === failedBefore) {
      counts.failed++;
      counts.failures.push({ where, name: 'loading the file', message: file.message ?? '' });
    }
  }
  return counts;
}

const hasRun = ({ status }: TestReport): boolean => status === 'passed' || status === 'failed';

/** A `describe` of which nothing ran is one line: whatever it needs is not there. */
function skipsOf(where: string, tests: TestReport[]): Skip[] {
  const groups = Map.groupBy(tests, ({ ancestorTitles: [group = ''] = [] }) => group);
  return [...groups].flatMap(([group, all]) => {
    if (group !== '' && all.length > 1 && !all.some(hasRun)) return [{ where, name: group, tests: all.length }];
    return all
      .filter((test) => !hasRun(test))
      .map((test) => ({ where, name: nameOf(test), tests: 1, ...(test.meta?.note && { note: test.meta.note }) }));
  });
}

const nameOf = ({ ancestorTitles = [], title, fullName }: TestReport): string =>
  title === undefined ? fullName : [...ancestorTitles, title].join(' › ');

/** What did not run, for people: package by package, `max` lines and one for the rest. */
export function skipLines(skips: readonly Skip[], max: number): string[] {
  const sorted = skips.toSorted((a, b) => (a.where < b.where ? -1 : Number(a.where > b.where)));
  const left = sorted.slice(max).reduce((sum, { tests }) => sum + tests, 0);
  const lines = sorted.slice(0, max).map(({ where, name, tests, note }) => {
    const more = tests > 1 ? ` (${tests} tests)` : note === undefined ? '' : `: ${note}`;
    return `${where} › ${name}${more}`;
  });
  return left === 0 ? lines : [...lines, `and ${left} more`];
}

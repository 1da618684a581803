// `npm test`: type-check and dependency rules of everything, lint and tests of each package, cached by turbo. Words after it name packages:
// `npm test -- event-log`. The last line is `N passed, N failed`, with `, N skipped` if some were, which are named above it; a check counts
// as one.

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rules } from './lib/dependency-rules.ts';
import { allImports } from './lib/imports.ts';
import { requiredButMissing, testEnvironment } from './lib/requirements.ts';
import { runTask } from './lib/turbo.ts';
import { type Counts, clearReport, type Failure, readCounts, type Skip, skipLines } from './lib/vitest-results.ts';
import { listWorkspaces, root, selectWorkspaces, sharedTools, type Workspace } from './lib/workspaces.ts';

/** Packages at a time, each with a third of the cores (vitest.base.ts): many tests wait for brokers and processes more than they work. */
const STREAMS = 3;
/** The packages whose tests take minutes, longest first. */
const LONGEST = ['cli', 'drill', 'event-log', 'bench', 'simulation', 'runtime', 'scripts', 'document-store'];

/** Folders with a tsconfig.json: everything, and the page, which runs in a browser. */
const PROGRAMS = ['.', 'services/console/web'];

const SKIPS_SHOWN_MAX = 20;

const PASSED: Counts = { passed: 1, failed: 0, skipped: 0, failures: [], skips: [] };
const shortName = (name: string) => name.replace('@coachloop/', '');
const failed = (where: string, name: string, message: string): Counts => ({
  ...{ passed: 0, failed: 1, skipped: 0 },
  failures: [{ where, name, message }],
  skips: [],
});

function add(counts: Counts[]): Counts {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: counts.flatMap(({ failures }) => failures),
    skips: counts.flatMap(({ skips }) => skips),
  };
}

function totals({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function step(name: string, work: () => Promise<Counts> | Counts): Promise<Counts> {
  console.log(`▸ ${name} …`);
  const started = performance.now();
  const counts = await Promise.resolve()
    .then(work)
    .catch((error: Error) => failed(name, 'did not run', error.message));
  console.log(`  ${name}: ${totals(counts)} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return counts;
}

/** One program for all: a package's own would hold nearly as much, since it holds what the package imports. */
async function checkTypes(): Promise<Counts> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const checks = PROGRAMS.map(async (folder) => {
    const told = await promisify(execFile)(process.execPath, [tsc, '-p', folder], { cwd: root }).then(
      () => null,
      (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
    );
    return told === null ? PASSED : failed(folder, 'tsc', told);
  });
  return add(await Promise.all(checks));
}

/** Runs once per package and counts as one check there. */
async function lint(packages: Workspace[]): Promise<Counts> {
  const names = packages.map(({ name }) => name);
  const results = await runTask('lint', names, { concurrency: availableParallelism(), env: {}, logs: 'errors-only' });
  return add(results.map((result) => (result.ok ? PASSED : failed(result.folder, 'lint', 'its output stands above'))));
}

function checkDependencyRules(workspaces: Workspace[]): Counts {
  const graph = { imports: allImports(), workspaces, sharedTools: sharedTools() };
  return add(
    rules.map(({ name, why, violations }) => {
      const found = violations(graph);
      if (found.length === 0) return PASSED;
      return failed(name, why, found.join('\n'));
    }),
  );
}

async function runTests(packages: Workspace[], env: Record<string, string>): Promise<Counts> {
  for (const { folder } of packages) clearReport(folder);
  const waiting = longestFirst(packages);
  const counts: Counts[] = [];
  const stream = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const results = await runTask('test', [next.name], { concurrency: 1, env, logs: 'new-only' });
      for (const result of results) {
        const found = readCounts(result);
        console.log(`  ${shortName(result.package)}: ${totals(found)}${result.cached ? ' (cached)' : ''}`);
        counts.push(found);
      }
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, stream));
  return add(counts);
}

/** Turbo has no order of its own but that of dependencies, and the longest package would be among its last. */
function longestFirst(packages: readonly Workspace[]): Workspace[] {
  const place = ({ name }: Workspace) => {
    const known = LONGEST.indexOf(shortName(name));
    return known === -1 ? LONGEST.length : known;
  };
  return packages.toSorted((a, b) => place(a) - place(b));
}

function printFailures(failures: Failure[]): void {
  if (failures.length > 0) console.log('\nFailures:');
  for (const { where, name, message } of failures) {
    console.log(`\n✗ ${where} › ${name}\n${message.replaceAll(/^/gm, '    ')}`);
  }
}

/** Why stands in the notices below, where the test itself has not said so. */
function printSkips(skips: Skip[]): void {
  if (skips.length > 0) console.log('\nSkipped:');
  for (const line of skipLines(skips, SKIPS_SHOWN_MAX)) console.log(`  ${line}`);
}

async function main(words: string[]): Promise<void> {
  const all = listWorkspaces();
  const packages = selectWorkspaces(words, all);
  const { env, requirements } = await testEnvironment(process.env);
  const missing = requiredButMissing(process.env.COACHLOOP_TEST_REQUIRE, requirements);
  const results = [
    await step('type-check', checkTypes),
    await step('lint', () => lint(packages)),
    await step('dependency rules', () => checkDependencyRules(all)),
    await step('tests', () => runTests(packages, env)),
    ...missing.map(({ name, notice }) => failed('COACHLOOP_TEST_REQUIRE', name, notice)),
  ];
  const total = add(results);
  printFailures(total.failures);
  printSkips(total.skips);
  for (const { found, notice } of requirements) if (!found) console.log(`\nNotice: ${notice}`);
  console.log(`\n${totals(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm test: ${error.message}`);
  process.exitCode = 1;
});

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';
import { requiredNames } from './scripts/lib/required.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test skipped itself. */
    note?: string;
  }
}

// Read by setups and tests, one name after the other: here it is checked for all of them, also without `npm test`.
process.env.COACHLOOP_TEST_REQUIRE = requiredNames(process.env.COACHLOOP_TEST_REQUIRE).join(',');

const SKIPS_SHOWN_MAX = 20;
const skips: string[] = [];
/** With `-t` most are skipped, as was asked for. */
let tellsSkips = true;

/** Why a test skipped itself: into its meta, which the report as JSON has; and at the end which were skipped, for people. */
const skipReporter: Reporter = {
  onInit(vitest) {
    tellsSkips = vitest.config.testNamePattern === undefined;
  },
  onTestCaseResult(test) {
    const result = test.result();
    if (result.state !== 'skipped') return;
    const { note } = result;
    if (note !== undefined) test.meta().note = note;
    if (tellsSkips)
      skips.push(`${test.module.relativeModuleId} › ${test.fullName}${note === undefined ? '' : `: ${note}`}`);
  },
  onTestRunEnd() {
    const left = skips.length - SKIPS_SHOWN_MAX;
    for (const line of skips.splice(0).slice(0, SKIPS_SHOWN_MAX)) console.log(`Skipped: ${line}`);
    if (left > 0) console.log(`Skipped: and ${left} more`);
  },
};

/**
 * Shared by every workspace (its `vitest.config.ts` re-exports this). The suffix of a test file says what it needs:
 * `.unit.ts` nothing, `.int.ts` files or sockets of this machine, `.e2e.ts` the running product or a browser.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.{unit,int,e2e}.{ts,tsx}'],
    passWithNoTests: true,
    setupFiles: join(import.meta.dirname, 'vitest.setup.ts'),
    // `npm test` runs three packages at a time, so that each takes a third of the machine.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 3)),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', skipReporter, 'json'],
    // `npm test` adds its totals up from these files; turbo keeps them with a cached result.
    outputFile: { json: '.turbo-results/vitest.json' },
  },
});

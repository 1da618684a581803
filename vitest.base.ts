import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test skipped itself. */
    note?: string;
  }
}

/** The report as JSON has the meta of a test, but not what it said when it skipped itself. */
const notesInMeta: Reporter = {
  onTestCaseResult(test) {
    const result = test.result();
    if (result.state === 'skipped' && result.note !== undefined) test.meta().note = result.note;
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
    // `npm test` runs three packages at a time, so that each takes a third of the machine.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 3)),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', notesInMeta, 'json'],
    // `npm test` adds its totals up from these files; turbo keeps them with a cached result.
    outputFile: { json: '.turbo-results/vitest.json' },
  },
});

import { expect, test } from 'vitest';
import { checkReleases } from '../src/checks/domain.ts';
import { NEXT_RELEASE_FIELD } from '../src/instrument.ts';
import type { World } from '../src/world.ts';

/** Of one document, which releases wrote and which says so many writes of the next one. */
function worldOf(releases: readonly (1 | 2)[], counted: number | undefined): World {
  const state = counted === undefined ? {} : { [NEXT_RELEASE_FIELD]: counted };
  return {
    site: { services: [{ aggregates: [{ collection: 'calls' }] }] },
    ledger: { effects: new Map([['calls/a', releases.map((release) => ({ release, deleted: false }))]]) },
    store: { engine: { scan: async () => [{ id: 'a', body: { state } }] } },
  } as unknown as World;
}

test.each([
  [[1, 2, 2], 2, []],
  [[1], undefined, []],
  [[2], undefined, ['once, and its own field, which counts that, is gone']],
  [[2, 1, 2], 1, ['2 times, and its own field, which counts that, says 1']],
] as const)('written by releases %j, and %s of the next one is known', async (releases, counted, findings) => {
  const found = await checkReleases(worldOf(releases, counted));
  expect(found).toEqual(findings.map((text) => `release: calls/a was written by the next release ${text}`));
});

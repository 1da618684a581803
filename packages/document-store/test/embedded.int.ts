import { rm } from 'node:fs/promises';
import { openEmbeddedStore } from '../src/embedded/index.ts';
import { documentStoreConformance } from './conformance.ts';
import { temporaryFolder } from './embedded/folder.ts';

const embedded = (options: { readonly recentCharactersMax?: number }) => ({
  exactVerdicts: true,
  durable: true,
  modelRuns: 100,
  create: async () => {
    const folder = await temporaryFolder();
    return {
      open: () => openEmbeddedStore({ file: `${folder}/store.db`, ...options }),
      destroy: () => rm(folder, { recursive: true }),
    };
  },
});

documentStoreConformance({ name: 'embedded', ...embedded({}) });

// Room for few documents, so that they come and go while the suite runs.
const recentCharactersMax = 2_000;
documentStoreConformance({
  name: 'embedded, recent documents in memory',
  shares: true,
  ...embedded({ recentCharactersMax }),
});

import { rm } from 'node:fs/promises';
import { openEmbeddedStore } from '../src/embedded/index.ts';
import { documentStoreConformance } from './conformance.ts';
import { temporaryFolder } from './embedded/folder.ts';

documentStoreConformance({
  name: 'embedded',
  exactVerdicts: true,
  durable: true,
  modelRuns: 100,
  create: async () => {
    const folder = await temporaryFolder();
    return {
      open: () => openEmbeddedStore({ file: `${folder}/store.db` }),
      destroy: () => rm(folder, { recursive: true }),
    };
  },
});

import { createMemoryStore } from '../src/memory/index.ts';
import { documentStoreConformance } from './conformance.ts';

documentStoreConformance({
  name: 'memory',
  exactVerdicts: true,
  durable: false,
  modelRuns: 300,
  create: async () => ({ open: async () => createMemoryStore(), destroy: async () => {} }),
});

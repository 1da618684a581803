import type {} from '@coachloop/servers/vitest/mongo';
import { describe, inject, test } from 'vitest';
import { openMongoStore } from '../src/mongo/index.ts';
import { documentStoreConformance } from './conformance.ts';
import { dropDatabase, newDatabase } from './mongo/database.ts';

const server = inject('mongo');

if (server === '') {
  describe.skip('document store: mongo', () => test('needs a MongoDB: see the notice above', () => undefined));
} else {
  documentStoreConformance({
    name: 'mongo',
    exactVerdicts: false,
    durable: true,
    modelRuns: 50,
    create: async () => {
      const uri = newDatabase(server);
      return { open: () => openMongoStore({ uri }), destroy: () => dropDatabase(uri) };
    },
  });
}

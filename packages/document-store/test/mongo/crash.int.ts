import { type MongoServer, mongoOrigin, startMongoHere } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentStore, StoreError } from '../../src/index.ts';
import { openMongoStore } from '../../src/mongo/index.ts';
import { write } from '../conformance/context.ts';

/** The stand-in: only a server of our own may be killed. */
const canStart = (await mongoOrigin({ ...process.env, MONGODB_URI: '' })) === 'java';
const KILLS = 3;

describe.skipIf(!canStart)('a MongoDB that is killed', () => {
  let server: MongoServer;
  let store: DocumentStore;

  beforeAll(async () => {
    server = await startMongoHere();
    store = await openMongoStore({ uri: `${server.address}/?serverSelectionTimeoutMS=1000` });
    await store.declare([{ name: 'written', indexes: [{ name: 'by-n', fields: ['n'] }] }]);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it('has every write that was called won, and a writer that loads again counts each exactly once', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `d${i}`);
    const won = new Map<string, number>();
    let kills = 0;
    let unclear = 0;
    let running = true;
    /** Adds one to its document; what is not certainly won is decided by loading. */
    const writer = async (id: string) => {
      while (running) {
        try {
          const [loaded] = await store.load('written', [id]);
          const version = loaded?.version ?? 0;
          expect(version).toBeGreaterThanOrEqual(won.get(id) ?? 0);
          const [verdict] = await store.save('written', [write(version, id, { n: version + 1 })]);
          if (verdict === 'won') won.set(id, version + 1);
          else unclear++;
        } catch (error) {
          if (!(error instanceof StoreError && error.kind === 'passing')) throw error;
          unclear++;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const writing = Promise.all(ids.map(writer));
    const killing = async () => {
      for (; kills < KILLS; kills++) {
        const before = [...won.values()].reduce((sum, n) => sum + n, 0);
        await expect
          .poll(() => [...won.values()].reduce((sum, n) => sum + n, 0), { timeout: 30_000 })
          .toBeGreaterThan(before + 100);
        await server.node?.kill();
        await server.node?.start();
      }
    };
    await killing().finally(() => {
      running = false;
    });
    await writing;
    expect(unclear).toBeGreaterThan(0);
    const stored = await store.load('written', ids);
    for (const [i, id] of ids.entries()) {
      expect(stored[i]?.version).toBeGreaterThanOrEqual(won.get(id) ?? 0);
      expect(stored[i]?.body.n).toBe(stored[i]?.version);
    }
    expect(await store.healthy()).toBe(true);
  }, 120_000);
});

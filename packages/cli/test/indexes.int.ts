/** `indexes apply` on a database of its own: it declares the indexes of a whole installation. */
import { openMongoStore } from '@coachloop/document-store/mongo';
import { type MongoServer, mongoOrigin, startMongo } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coachloop } from './harness/command.ts';

const origin = await mongoOrigin({ ...process.env, MONGODB_URI: '' });

test('a MongoDB that is not named is an error that says so', async () => {
  const result = await coachloop(['indexes', 'apply'], { env: { MONGODB_URI: '' } });
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('MONGODB_URI') });
});

describe.skipIf(origin === undefined)('indexes apply', () => {
  let server: MongoServer;
  const apply = async (...args: string[]) => {
    const result = await coachloop(['indexes', 'apply', '--json', ...args], { env: { MONGODB_URI: server.address } });
    return { code: result.code, stderr: result.stderr, ...JSON.parse(result.stdout || '{}') };
  };

  beforeAll(async () => {
    server = await startMongo();
  }, 240_000);
  afterAll(() => server?.stop());

  test('says what is missing, makes it, and then has nothing to do', async () => {
    const dry = await apply('--dry-run');
    expect(dry).toMatchObject({ code: 0, applied: false });
    expect(dry.changes).toContainEqual({
      collection: 'calls',
      index: 'wake',
      fields: ['wakeAt', '_id', 'lane'],
      documents: 0,
    });
    expect(dry.changes).toContainEqual({ collection: 'inbox', index: 'expire', fields: ['expireAtMs'], documents: 0 });
    const { stdout } = await coachloop(['indexes', 'apply', '--dry-run'], { env: { MONGODB_URI: server.address } });
    const collections = new Set(dry.changes.map(({ collection }: { collection: string }) => collection));
    expect(stdout.split('\n')).toHaveLength(collections.size + 1);
    expect(stdout).toMatch(/^\+ calls: \d+ indexes$/m);
    expect(stdout).toMatch(/^\+ inbox: 1 index$/m);
    expect(await apply()).toMatchObject({ code: 0, applied: true, changes: dry.changes });
    expect(await apply('--dry-run')).toMatchObject({ code: 0, changes: [] });
  });

  test('refuses an index that exists with other fields, and changes nothing', async () => {
    const store = await openMongoStore({ uri: `${server.address.replace(/\/(\?|$)/, '/')}/other` });
    await store.declare([{ name: 'calls', indexes: [{ name: 'outbox-since', fields: ['elsewhere'] }] }]);
    await store.close();
    const result = await coachloop(['indexes', 'apply', '--uri', `${server.address}/other`]);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('outbox-since') });
    expect((await apply('--uri', `${server.address}/other`, '--dry-run')).stderr).toContain('outbox-since');
  });
});

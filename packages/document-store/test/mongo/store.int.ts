import { Socket } from 'node:net';
import type {} from '@coachloop/servers/vitest/mongo';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { JsonObject, StoredDocument } from '../../src/index.ts';
import { applyIndexes, type MongoCommand, type MongoStore, openMongoStore } from '../../src/mongo/index.ts';
import { keyName } from '../../src/mongo/rows.ts';
import { doc, expectCode, write } from '../conformance/context.ts';
import { dropDatabase, inDatabase, newDatabase } from './database.ts';

const server = inject('mongo');
const MIB = 1024 * 1024;

describe.skipIf(server === '')('the MongoDB store', () => {
  const uri = newDatabase(server);
  const commands: MongoCommand[] = [];
  let store: MongoStore;

  beforeAll(async () => {
    store = await openMongoStore({ uri, onCommand: (command) => commands.push(command) });
    await store.declare([
      { name: 'cases', indexes: [{ name: 'by-agent', fields: ['state.agentId', 'state.score'] }] },
      { name: 'marks', indexes: [], marks: true },
    ]);
  });
  afterAll(async () => {
    await store.close();
    await dropDatabase(uri);
  });

  async function sent(action: () => Promise<unknown>): Promise<readonly MongoCommand[]> {
    commands.length = 0;
    await action();
    // Without the look at what others declared, which comes every ten seconds.
    return commands.filter(({ collection }) => collection !== '_catalog');
  }

  it('gives pages of what is in the range alone, however fast it is written meanwhile', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `moving-${i}`);
    const saveAll = (version: number) =>
      store.save(
        'cases',
        // In the range and out of it in turn.
        ids.map((id) => write(version, id, { state: { agentId: version % 2 === 0 ? 'in' : 'out', score: version } })),
      );
    await saveAll(0);
    let writing = true;
    const writer = (async () => {
      for (let version = 1; writing; version++) await saveAll(version);
    })();
    const strange: JsonObject[] = [];
    const untilMs = performance.now() + 2_000;
    while (performance.now() < untilMs) {
      let cursor: string | undefined;
      do {
        const page = await store.query('cases', {
          index: 'by-agent',
          equals: ['in'],
          limit: 20,
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const { body } of page.documents) if (!JSON.stringify(body).includes('"in"')) strange.push(body);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    writing = false;
    await writer;
    await store.delete('cases', ids);
    expect(strange).toEqual([]);
  });

  // The stand-in takes 1,000 writes in a command; MongoDB takes 100,000.
  it('takes one command for each call, whatever its number of documents', async () => {
    const ids = Array.from({ length: 900 }, (_, i) => `n${i}`);
    const body = { state: { agentId: 'many', score: 1 } };
    const mixed = ids.map((id, i) => (i < 500 ? write(1, id, body) : write(0, id, body)));
    const mark = { id: 'm', seq: 1, expireAtMs: 1 };
    const calls: readonly [string, () => Promise<unknown>][] = [
      [
        'update',
        () =>
          store.save(
            'cases',
            mixed.slice(0, 500).map((each) => write(0, each.document.id, body)),
          ),
      ],
      ['update', () => store.save('cases', mixed)],
      ['find', () => store.load('cases', ids)],
      ['find', () => store.query('cases', { index: 'by-agent', limit: 1_000 })],
      ['find', () => store.due('cases', 1, 100, ['1', '2'])],
      ['aggregate', () => store.count('cases')],
      ['update', () => store.raise('marks', [mark, { ...mark, seq: 2 }])],
      ['find', () => store.marks('marks', ['m', 'none'])],
      ['delete', () => store.delete('cases', ids)],
    ];
    for (const [name, call] of calls) expect((await sent(call)).map((command) => command.name)).toEqual([name]);
  });

  it('writes to the majority with journal, and reads what a majority has, from the primary', async () => {
    const [update] = await sent(() => store.save('cases', [write(0, 'concern')]));
    expect(update?.command.writeConcern).toMatchObject({ w: 'majority', j: true });
    const reads = [() => store.load('cases', ['concern']), () => store.due('cases', 1, 1), () => store.scan('cases')];
    for (const read of [...reads, () => store.query('cases', { index: 'by-agent' })]) {
      const [find] = await sent(read);
      expect(find?.command.readConcern).toMatchObject({ level: 'majority' });
      expect(JSON.stringify(find?.command.$readPreference ?? {})).not.toContain('secondary');
    }
  });

  it('shows people what is indexed, at its own place and type', async () => {
    await store.save('cases', [write(0, 'people', { state: { agentId: 'agent-7', score: 3, other: 'x'.repeat(99) } })]);
    const found = await inDatabase(uri, (database) =>
      database.collection('cases').findOne({ 'fields.state.agentId': 'agent-7', 'fields.state.score': { $lt: 4 } }),
    );
    expect(found).toMatchObject({ _id: 'people', version: 1, fields: { state: { agentId: 'agent-7', score: 3 } } });
  });

  it('refuses a document that with its index entries would come near the 16 MiB of MongoDB', async () => {
    const agentId = '\u0001'.repeat(MIB); // six bytes each in the body, two in the entry
    const big = (id: string, times: number) => write(0, id, { state: { agentId: agentId.repeat(times), score: 'x' } });
    expect(await store.save('cases', [big('near', 1)])).toEqual(['won']);
    const large = write(0, 'over', { state: { agentId: 'a'.repeat(7.9 * MIB), score: 'b' } });
    await expectCode(store.save('cases', [write(0, 'beside'), large]), 'STORE_DOCUMENT_TOO_LARGE');
    expect(await store.load('cases', ['beside', 'over'])).toEqual([undefined, undefined]);
  });

  it('takes documents over with their versions, in place of what was there, and goes on guarding them', async () => {
    expect(await store.size('cases-moved')).toBe(0);
    await store.declare([{ name: 'cases-moved', indexes: [{ name: 'by-n', fields: ['n'] }] }]);
    const moved = (version: number, n: number) => ({ ...doc('moved', { n }), version, wakeAt: 5, lane: '3' });
    const beside = Array.from({ length: 700 }, (_, i) => ({ ...doc(`d${i}`, { n: i }), version: i + 1 }));
    await store.restore('cases-moved', [moved(7, 1), ...beside]);
    await store.restore('cases-moved', [moved(57, 2), ...beside]);
    expect(await store.load('cases-moved', ['moved'])).toEqual([moved(57, 2)]);
    expect(await store.size('cases-moved')).toBe(701);
    const query = { index: 'by-n', equals: [2] };
    const ids = (await store.query('cases-moved', query)).documents.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(['d2', 'moved']);
    expect(await store.due('cases-moved', 5, 10, ['3'])).toEqual([moved(57, 2)]);
    const next = (version: number) => [{ expectedVersion: version - 1, document: moved(version, 3) }];
    expect(await store.save('cases-moved', next(8))).toEqual(['unknown']);
    expect(await store.save('cases-moved', next(58))).toEqual(['won']);
  });

  it('names a document that something else wrote into its collection', async () => {
    await inDatabase(uri, (database) => database.collection<{ _id: string }>('cases').insertOne({ _id: 'foreign' }));
    await expectCode(store.load('cases', ['foreign']), 'STORE_CORRUPT');
    await store.delete('cases', ['foreign']);
  });

  it('fills an index that another release added, at the latest ten seconds after it did', async () => {
    const index = { name: 'by-n', fields: ['n'] };
    const other = await openMongoStore({ uri });
    await store.declare([{ name: 'rolling', indexes: [] }]);
    await store.save('rolling', [write(0, 'before', { n: 1 })]);
    await other.declare([{ name: 'rolling', indexes: [index] }]);
    const later = performance.now() + 11_000;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => later);
    await store.save('rolling', [write(0, 'after', { n: 1 })]);
    clock.mockRestore();
    const page = await other.query('rolling', { index: 'by-n', equals: [1] });
    expect(page.documents.map(({ id }: StoredDocument) => id)).toEqual(['after', 'before']);
    await other.close();
  });

  it('fills an index before its release comes, also with what running services save while they have not heard of it', async () => {
    const spec = { name: 'applied', indexes: [{ name: 'by-n', fields: ['n'] }] };
    await store.declare([{ name: 'applied', indexes: [] }]);
    await store.save('applied', [write(0, 'before', { n: 1 })]);
    const found = { collection: 'applied', index: 'by_by-n', fields: ['n'], documents: 1 };
    expect(await applyIndexes({ uri }, [spec], { dryRun: true })).toEqual([found]);
    const waiting = Promise.withResolvers<void>();
    const applying = applyIndexes({ uri }, [spec], { say: () => waiting.resolve() });
    await waiting.promise;
    await store.save('applied', [write(0, 'meanwhile', { n: 1 })]);
    expect(await applying).toEqual([found]);
    await store.declare([spec]);
    expect(await store.count('applied', { index: 'by-n', equals: [1] })).toBe(2);
    expect(await applyIndexes({ uri }, [spec], { dryRun: true })).toEqual([]);
  });

  it('fills an index that was left half made', async () => {
    const spec = { name: 'broken-off', indexes: [{ name: 'by-n', fields: ['n'] }] };
    await store.declare([{ name: 'broken-off', indexes: [] }]);
    await store.save('broken-off', [write(0, 'before', { n: 1 })]);
    // As far as whoever was broken off had come: it is declared and made, and holds nothing.
    await inDatabase(uri, async (database) => {
      const catalog = database.collection<{ _id: string }>('_catalog');
      await catalog.updateOne({ _id: 'broken-off' }, { $set: { indexes: spec.indexes }, $inc: { rev: 1 } });
      const key = { [`keys.${keyName('by-n')}`]: 1 as const };
      await database.collection('broken-off').createIndex(key, { name: 'by_by-n' });
    });
    const found = { collection: 'broken-off', index: 'by_by-n', fields: ['n'], documents: 1 };
    expect(await applyIndexes({ uri }, [spec], { dryRun: true })).toEqual([found]);
    expect(await applyIndexes({ uri }, [spec])).toEqual([found]);
    commands.length = 0;
    await store.declare([spec]);
    expect(commands.filter(({ name }) => name === 'update')).toEqual([]);
    expect(await store.count('broken-off', { index: 'by-n', equals: [1] })).toBe(1);
  });

  it('waits for whole collections to be looked through, and for nothing else so long', async () => {
    const bounds = vi.spyOn(Socket.prototype, 'setTimeout');
    try {
      await applyIndexes({ uri }, [{ name: 'large', indexes: [{ name: 'by-n', fields: ['n'] }] }]);
      expect(bounds.mock.calls.map(([ms]) => ms)).not.toContain(20_000);
      await store.load('cases', ['people']);
      expect(bounds.mock.calls.map(([ms]) => ms)).toContain(20_000);
    } finally {
      bounds.mockRestore();
    }
  });

  it('says at once that a user is not let in, also where the server takes no logins at all', async () => {
    const withUser = uri.replace('://', '://somebody:hush-hush@');
    const opening = openMongoStore({ uri: withUser }).then(async (opened) => {
      await opened.declare([]).finally(() => opened.close());
    });
    await expectCode(opening, 'STORE_ACCESS_DENIED');
    await expect(opening).rejects.not.toThrow(/hush/);
  });

  it('refuses what its queue has no room for, sends nothing of it, and goes on', async () => {
    const bounded = await openMongoStore({ uri, queueDocumentsMax: 10, queueCharactersMax: 5_000 });
    await bounded.declare([{ name: 'bounded', indexes: [] }]);
    const save = (name: string, text = '') =>
      bounded.save(
        'bounded',
        [0, 1, 2, 3].map((i) => write(0, `${name}-${i}`, { text })),
      );
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => save(name)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'STORE_OVERLOADED', kind: 'passing' } });
    expect(await bounded.count('bounded')).toBe(8);

    const wide = await Promise.allSettled([save('e'), save('f', 'x'.repeat(2_000))]);
    expect(wide.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    // Alone it may be larger than the queue: what one call may hold is always taken.
    expect(await save('g', 'x'.repeat(2_000))).toEqual(['won', 'won', 'won', 'won']);
    // What was answered no longer counts.
    expect((await Promise.all([save('h'), save('i')])).flat()).toEqual(Array.from({ length: 8 }, () => 'won'));
    await bounded.close();
  });

  it('says whether the address or the server is wrong, and keeps the password to itself', async () => {
    const quick = 'serverSelectionTimeoutMS=200';
    await expectCode(openMongoStore({ uri: 'mongodb://' }), 'STORE_ADDRESS_INVALID');
    const wrong = openMongoStore({ uri: `mongodb://me:geheim@127.0.0.1:1/x?${quick}&tls=perhaps` });
    await expect(wrong).rejects.toSatisfy((error: Error) => !`${error.message}${error.cause}`.includes('geheim'));
    await expectCode(wrong, 'STORE_ADDRESS_INVALID');
    await expectCode(openMongoStore({ uri: `mongodb://me:geheim@127.0.0.1:1/x?${quick}` }), 'STORE_UNAVAILABLE');
    // This server speaks no TLS: that it is not reached shows that the option arrives at the driver.
    const secure = `${uri}${uri.includes('?') ? '&' : '?'}${quick}&tls=true&tlsAllowInvalidCertificates=true`;
    await expectCode(openMongoStore({ uri: secure }), 'STORE_UNAVAILABLE');
  });

  it('keeps what was given as different releases wrote it', async () => {
    const document = doc('kept', { state: { agentId: 'x', future: { $set: 1, 'a.b': [] } }, unknown: null });
    await store.save('cases', [{ expectedVersion: 0, document }]);
    expect(await store.load('cases', ['kept'])).toEqual([document]);
  });
});

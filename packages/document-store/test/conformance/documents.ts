import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/index.ts';
import { type Context, doc, ids, write } from './context.ts';

export function documentTests(context: Context): void {
  it('gives back what was saved, in the order of the ids asked for, and undefined where there is none', async () => {
    const c = await context.collection();
    const a = doc('a', { state: { n: 1 } }, { wakeAt: 1_700_000_000_000, lane: '7' });
    const b = doc('b', { list: [1, 'two', null, { three: 3 }] });
    await context.put(c, a, b);
    expect(await context.store.load(c, ['b', 'none', 'a', 'b'])).toEqual([b, undefined, a, b]);
    expect(await context.store.load(c, [])).toEqual([]);
  });

  it('replaces whole documents, and keeps fields that nobody declared', async () => {
    const c = await context.collection({ name: 'by_agent', fields: ['state.agentId'] });
    await context.put(c, doc('a', { state: { agentId: 'x' }, dropped: true }));
    const body = { state: { agentId: 'y', futureField: [{ deep: [] }] }, schema: 99, empty: {} };
    await context.put(c, doc('a', body, { version: 2 }));
    expect(await context.store.load(c, ['a'])).toEqual([doc('a', body, { version: 2 })]);
  });

  if (!context.adapter.shares)
    it('shares nothing with the caller: neither what was given nor what was returned', async () => {
      const c = await context.collection();
      const body = { state: { list: [1] } };
      const saving = context.store.save(c, [{ expectedVersion: 0, document: doc('a', body) }]);
      body.state.list.push(2);
      await saving;
      const [first] = await context.store.load(c, ['a']);
      expect(first?.body).toEqual({ state: { list: [1] } });
      Object.assign(first?.body ?? {}, { state: 'changed' });
      expect((await context.store.load(c, ['a']))[0]?.body).toEqual({ state: { list: [1] } });
    });

  it('keeps any JSON exactly: any key, lone surrogates, U+0000, and the numbers at the edges', async () => {
    const c = await context.collection();
    const numbers = [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -(2 ** 53), 0.1, 1e-300, 1e21];
    const texts = ['\ud800', 'a\udfff', '\u0000', '\u2028', '𝄞', '\uffff', "'; DROP", ''];
    const keys = JSON.parse('{"a.b":1,"$set":2,"":3,"__proto__":4,"constructor":5,"\\ud83d":6}');
    await context.put(c, doc('edge', { numbers, texts, keys }));
    const [stored] = await context.store.load(c, ['edge']);
    expect(JSON.stringify(stored?.body)).toBe(JSON.stringify({ numbers, texts, keys }));
  });

  it('keeps any JSON exactly (property)', async () => {
    const c = await context.collection();
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        text,
        fc.array(tie('value')),
        fc.dictionary(text, tie('value')),
      ),
    })).value;
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, value), async (body) => {
        const id = `p${n++}`;
        const json = JSON.stringify(body);
        const document: JsonObject = JSON.parse(json);
        await context.put(c, doc(id, document));
        const [stored] = await context.store.load(c, [id]);
        expect(JSON.stringify(stored?.body)).toBe(json);
      }),
    );
  });

  it('takes any well-formed id', async () => {
    const c = await context.collection();
    const odd = ['a|b', 'a.b', '$a', "it's", '"', '客服', '𝄞', ' ', '\\', '\n', '%', 'A', 'a', 'x'.repeat(512)];
    await context.put(c, ...odd.map((id) => doc(id, { id })));
    expect((await context.store.load(c, odd)).map((document) => document?.body.id)).toEqual(odd);
  });

  it('deletes for good, without a guard, and an id may then be created again', async () => {
    const c = await context.collection({ name: 'by_n', fields: ['n'] });
    await context.put(c, doc('a', { n: 1 }, { wakeAt: 5, lane: '1' }), doc('b', { n: 2 }));
    await context.store.delete(c, ['a', 'never-there']);
    await context.store.delete(c, []);
    expect(ids(await context.store.load(c, ['a', 'b']))).toEqual([undefined, 'b']);
    expect(ids((await context.store.query(c, { index: 'by_n' })).documents)).toEqual(['b']);
    expect(await context.store.due(c, 10, 10)).toEqual([]);
    expect(await context.store.save(c, [write(0, 'a')])).toEqual(['won']);
  });

  it('treats a tombstone as a document like any other: its version goes on, it blocks creation', async () => {
    const c = await context.collection({ name: 'by_agent', fields: ['state.agentId'] });
    await context.put(c, doc('a', { state: { agentId: 'x' } }, { wakeAt: 5, lane: '1' }));
    const tombstone = doc('a', { state: null, deleted: true, number: 17 }, { version: 2 });
    await context.put(c, tombstone);
    expect(await context.store.load(c, ['a'])).toEqual([tombstone]);
    expect((await context.store.query(c, { index: 'by_agent' })).documents).toEqual([]);
    expect(await context.store.due(c, 10, 10)).toEqual([]);
    expect(await context.store.save(c, [write(0, 'a')])).not.toEqual(['won']);
    expect(await context.version(c, 'a')).toBe(2);
  });

  it('scans every document by id, in pages', async () => {
    const c = await context.collection();
    const all = Array.from({ length: 25 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    await context.put(c, ...all.toReversed().map((id) => doc(id, { id })));
    const seen: (string | undefined)[] = [];
    let page = await context.store.scan(c, { limit: 10 });
    while (page.length > 0) {
      seen.push(...ids(page));
      page = await context.store.scan(c, { limit: 10, afterId: page.at(-1)?.id ?? '' });
    }
    expect(seen).toEqual(all);
    expect(await context.store.count(c)).toBe(25);
  });

  it('orders ids by their UTF-8 bytes', async () => {
    const c = await context.collection();
    const ordered = ['B', 'a', 'ab', 'é', '客', '\uffee', '𝄞'];
    await context.put(c, ...ordered.toReversed().map((id) => doc(id)));
    expect(ids(await context.store.scan(c))).toEqual(ordered);
  });
}

import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { CollectionSpec } from '../../src/index.ts';
import { type Context, doc, expectCode, ids, write } from './context.ts';

export function declarationTests(context: Context): void {
  it('can be repeated, and adds an index that also finds what was there before', async () => {
    const name = await context.collection({ name: 'by_a', fields: ['a'] });
    await context.put(name, ...Array.from({ length: 1_500 }, (_, i) => doc(`d${i}`, { a: 1, b: i % 3 })));
    const later: CollectionSpec = { name, indexes: [{ name: 'by_b', fields: ['b', 'a'] }] };
    await context.store.declare([later]);
    await context.store.declare([later]);
    await context.put(name, doc('new', { b: 0 }));
    expect(await context.store.count(name, { index: 'by_b' })).toBe(1_501);
    expect(await context.store.count(name, { index: 'by_b', equals: [0] })).toBe(501);
    expect(await context.store.count(name, { index: 'by_a', equals: [1] })).toBe(1_500);
  });

  it('misses no document that is saved while an index is being added', async () => {
    const name = await context.collection();
    await context.put(name, ...Array.from({ length: 2_000 }, (_, i) => doc(`before${i}`, { a: 1 })));
    const body = { a: 1 };
    const saving: Promise<unknown>[] = [];
    let open = 0;
    const save = () => {
      open++;
      const saved = context.store.save(name, [write(0, `during${saving.length}`, body)]);
      saving.push(saved.finally(() => open--));
    };
    let declared = false;
    const declaring = context.store.declare([{ name, indexes: [{ name: 'by_a', fields: ['a'] }] }]).then(() => {
      declared = true;
    });
    while (!declared) {
      // Changed as soon as it was given: what counts is the moment of the call.
      body.a = 1;
      if (open < 5_000) save(); // a queue may have a bound
      body.a = 2;
      await setImmediate();
    }
    await declaring;
    expect(await Promise.all(saving)).toEqual(saving.map(() => ['won']));
    expect(await context.store.count(name, { index: 'by_a', equals: [1] })).toBe(2_000 + saving.length);
  });

  it('refuses to change an index or the kind of a collection', async () => {
    const name = await context.collection({ name: 'by_a', fields: ['a'] });
    const changed = { name, indexes: [{ name: 'by_a', fields: ['a', 'b'] }] };
    await expectCode(context.store.declare([changed]), 'STORE_DECLARATION_DIFFERS');
    await expectCode(context.store.declare([{ name, indexes: [], marks: true }]), 'STORE_DECLARATION_DIFFERS');
    const marks = await context.marks();
    await expectCode(context.store.declare([{ name: marks, indexes: [] }]), 'STORE_DECLARATION_DIFFERS');
    await context.put(name, doc('still-works', { a: 1 }));
    expect(ids((await context.store.query(name, { index: 'by_a' })).documents)).toEqual(['still-works']);
  });

  it('refuses what cannot be an index or a name', async () => {
    const name = `c-${randomUUID()}`;
    const bad: CollectionSpec[] = [
      { name: 'Bad Name', indexes: [] },
      { name: 'x"; DROP TABLE y', indexes: [] },
      { name, indexes: [{ name: 'by_a', fields: [] }] },
      { name, indexes: [{ name: 'by_a', fields: ['a..b'] }] },
      { name, indexes: [{ name: 'By A', fields: ['a'] }] },
      { name, indexes: [{ name: 'by_a', fields: ['a', 'a'] }] },
      { name, indexes: [{ name: 'by_a', fields: 'abcdefghi'.split('') }] },
      { name, indexes: ['a', 'b'].map((field) => ({ name: 'twice', fields: [field] })) },
      { name, indexes: Array.from({ length: 17 }, (_, i) => ({ name: `i${i}`, fields: ['a'] })) },
      { name, indexes: [{ name: 'by_a', fields: ['a'] }], marks: true },
    ];
    for (const spec of bad) await expectCode(context.store.declare([spec]), 'STORE_DECLARATION_INVALID');
  });

  it('refuses an index over a list or an object, whether the document or the index comes first', async () => {
    const name = await context.collection({ name: 'by_a', fields: ['a.b'] });
    for (const a of [{ b: [1] }, { b: {} }, [{ b: 1 }]]) {
      await expectCode(context.store.save(name, [write(0, 'x', { a })]), 'STORE_INDEX_VALUE_INVALID');
    }
    await context.put(name, doc('list', { c: [1] }));
    const index = { name: 'by_c', fields: ['c'] };
    await expectCode(context.store.declare([{ name, indexes: [index] }]), 'STORE_INDEX_VALUE_INVALID');
    await expectCode(context.store.query(name, { index: 'by_c' }), 'STORE_INDEX_UNKNOWN');
    await context.put(name, doc('works-on', { a: { b: 1 } }));
    await context.put(name, doc('list', { c: 1 }, { version: 2 }));
    await context.store.declare([{ name, indexes: [index] }]);
    expect(ids((await context.store.query(name, { index: 'by_c' })).documents)).toEqual(['list']);
  });

  it('knows only what was declared, each kind by its own calls', async () => {
    const documents = await context.collection();
    const marks = await context.marks();
    const code = 'STORE_COLLECTION_UNKNOWN';
    await expectCode(context.store.load('never-declared', ['a']), code);
    await expectCode(context.store.save('never-declared', [write(0, 'a')]), code);
    await expectCode(context.store.save(marks, [write(0, 'a')]), code);
    await expectCode(context.store.scan(marks), code);
    await expectCode(context.store.marks(documents, ['a']), code);
    await expectCode(context.store.raise(documents, []), code);
  });
}
